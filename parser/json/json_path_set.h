#pragma once

// JsonPathSet: what several paths find first, from the same place. Those that begin with a
// name, as the fields of a row mostly do, are looked up in one walk over the row's members.
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
  static constexpr std::uint16_t kNone = UINT16_MAX;

  struct Named {
    std::string_view name;  ///< The first step of the path.
    std::uint16_t path;
    std::uint16_t next;  ///< Of the same slot.
  };

  [[nodiscard]] static std::size_t SlotOf(std::string_view name) noexcept;
  void FindMembers(const simdjson::dom::object& row,
                   std::vector<std::optional<simdjson::dom::element>>* found) const;

  std::vector<const JsonPath*> paths_;
  std::vector<Named> named_;
  std::vector<std::uint16_t> longer_;  ///< Of those named_, with more steps than the name.
  std::vector<std::uint16_t> others_;  ///< Paths that do not begin with a name.
  std::array<std::uint16_t, kSlots> slots_ = [] {
    std::array<std::uint16_t, kSlots> none{};
    none.fill(kNone);
    return none;
  }();
};

}  // namespace thresh::json
