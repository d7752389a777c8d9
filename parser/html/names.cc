#include "parser/html/names.h"

namespace thresh::html {
namespace {

// A slot and its bookkeeping cost memory even for a one-letter name.
constexpr std::size_t kBytesPerName = 32;

std::uint32_t Hash(std::string_view name) {  // FNV-1a
  std::uint32_t hash = 2166136261U;
  for (char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

}  // namespace

NameTable::NameTable() : slots_(1024, kNoAtom) {
  names_.push_back({});  // kNoAtom, which no slot holds.
  for (std::string_view known : kKnownNames) Intern(known);
}

std::size_t NameTable::SlotOf(std::string_view name, std::uint32_t hash) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  while (slots_[slot] != kNoAtom &&
         (names_[slots_[slot]].hash != hash || names_[slots_[slot]].text != name)) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

Atom NameTable::Find(std::string_view name) const noexcept {
  return slots_[SlotOf(name, Hash(name))];
}

Atom NameTable::Intern(std::string_view name) {
  if (name.empty()) return kNoAtom;
  const std::uint32_t hash = Hash(name);
  const std::size_t slot = SlotOf(name, hash);
  return slots_[slot] != kNoAtom ? slots_[slot] : Add(name, hash, slot);
}

Atom NameTable::InternFromPage(std::string_view name) {
  if (name.empty()) return kNoAtom;
  const std::uint32_t hash = Hash(name);
  const std::size_t slot = SlotOf(name, hash);
  if (slots_[slot] != kNoAtom) return slots_[slot];
  if (page_name_bytes_ + name.size() + kBytesPerName > kMaxPageNameBytes) return kNoAtom;
  page_name_bytes_ += name.size() + kBytesPerName;
  return Add(name, hash, slot);
}

Atom NameTable::Add(std::string_view name, std::uint32_t hash, std::size_t slot) {
  const Atom atom = static_cast<Atom>(names_.size());
  names_.push_back({arena_.Copy(name), hash});
  slots_[slot] = atom;
  if (names_.size() * 2 > slots_.size()) Grow();
  return atom;
}

void NameTable::Grow() {
  slots_.assign(slots_.size() * 2, kNoAtom);
  for (Atom atom = 1; atom < names_.size(); ++atom) {
    slots_[SlotOf(names_[atom].text, names_[atom].hash)] = atom;
  }
}

}  // namespace thresh::html
