#pragma once

// JsonPathSet: what several paths find first, from the same place. Those that begin with names, as
// the fields of a row mostly do, are a tree of names: one walk over an object's members serves all.
//
//   $.id  $.place.lat  $.place.lng        id
//                                         place ── lat
//                                                  lng
//
// Lifetime: the paths must outlive it. Threads: none; const use is free of side effects.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "parser/json/json_path.h"
#include "parser/select/work_budget.h"

namespace thresh::json {

class JsonPathSet {
 public:
  /// Returns the path's place in what SelectFirsts() finds, from 0.
  std::size_t Add(const JsonPath& path);

  [[nodiscard]] std::size_t size() const noexcept { return paths_.size(); }

  /// Replaces `found` with size() results of JsonPath::SelectFirst().
  void SelectFirsts(simdjson::dom::element root, select::WorkBudget& work,
                    std::vector<std::optional<simdjson::dom::element>>* found) const;

 private:
  static constexpr std::size_t kSlots = 64;
  using Index = std::uint32_t;
  static constexpr Index kNone = UINT32_MAX;
  static constexpr std::uint32_t kMaxLevels = 16;  ///< Of names inside one another.

  // What a member of this name is good for.
  struct Named {
    std::string_view name;
    Index next = kNone;   ///< Of the same slot.
    Index end = kNone;    ///< The first of ends_.
    Index level = kNone;  ///< The names that are looked for in the member.
  };
  // A path whose names end here; it may go on with what is no name.
  struct End {
    Index path = 0;
    Index next = kNone;
    std::uint32_t steps = 0;  ///< How many of the path's led here.
    bool whole = true;        ///< All of them.
  };
  struct Level {
    std::array<Index, kSlots> slots;  ///< Of named_, by SlotOf().
    std::vector<Index> paths;         ///< All that go through it.
  };

  [[nodiscard]] static std::size_t SlotOf(std::string_view name) noexcept;
  [[nodiscard]] Index AddLevel();
  [[nodiscard]] Index AddName(Index level, std::string_view name);
  void Walk(const Level& level, simdjson::dom::element node, select::WorkBudget& work,
            std::vector<std::optional<simdjson::dom::element>>* found) const;
  void Take(const Named& named, simdjson::dom::element value, select::WorkBudget& work,
            std::vector<std::optional<simdjson::dom::element>>* found) const;

  std::vector<const JsonPath*> paths_;
  std::vector<Level> levels_;  ///< The first is for the members of the root.
  std::vector<Named> named_;
  std::vector<End> ends_;
  std::vector<Index> others_;  ///< Paths that do not begin with a name.
};

}  // namespace thresh::json
