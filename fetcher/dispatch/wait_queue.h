#pragma once

// WaitQueue: pages that wait for a parser, in the order they are to go out. Those of one recipe
// stand in a line of their own, so that one that no parser serves does not hold up the others,
// and costs nothing while it stands.
//
// An entry may be out of date: whoever takes it looks whether the page still waits.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "fetcher/job/task.h"

namespace thresh {

class WaitQueue {
 public:
  void PushBack(const std::string& recipe, TaskId id) { lines_[recipe].push_back({++back_, id}); }
  /// Before all others.
  void PushFront(const std::string& recipe, TaskId id) {
    lines_[recipe].push_front({--front_, id});
  }

  [[nodiscard]] bool empty() const noexcept { return lines_.empty(); }

  /// Hands out pages in their order as long as `more()`. `place(id)` says whether the page may
  /// leave; if not, neither could the others of its recipe, which keep their places, too.
  /// `place` may add pages.
  template <typename More, typename Place>
  void Drain(More more, Place place) {
    std::vector<const Line*> closed;
    while (more()) {
      const auto line = First(closed);
      if (line == lines_.end()) break;
      const Entry entry = line->second.front();
      line->second.pop_front();
      if (place(entry.id)) continue;
      line->second.push_front(entry);
      closed.push_back(&line->second);
    }
    std::erase_if(lines_, [](const auto& line) { return line.second.empty(); });
  }

 private:
  struct Entry {
    std::int64_t turn;
    TaskId id;
  };
  using Line = std::deque<Entry>;
  using Lines = std::map<std::string, Line>;

  [[nodiscard]] Lines::iterator First(const std::vector<const Line*>& closed) {
    auto first = lines_.end();
    for (auto line = lines_.begin(); line != lines_.end(); ++line) {
      const Line& entries = line->second;
      if (entries.empty() || std::find(closed.begin(), closed.end(), &entries) != closed.end()) {
        continue;
      }
      if (first == lines_.end() || entries.front().turn < first->second.front().turn) first = line;
    }
    return first;
  }

  Lines lines_;  // By recipe.
  std::int64_t front_ = 0, back_ = 0;
};

}  // namespace thresh
