#pragma once

// Result<T>: a value, or an Error that says what the caller can do about it.
//
// Failure travels as a value because nearly all work runs inside libuv, libcurl
// and ZeroMQ callbacks, where an exception must not cross the C frame. The shape
// is that of C++23's std::expected. Reading the wrong side aborts.

#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

namespace thresh {

/// Chosen by what the caller should do next, not by which library complained.
enum class Errc {
  kBusy,         ///< A limit is reached: keep the work, offer it again.
  kTransient,    ///< The other side failed: try again after a pause.
  kTimeout,      ///< Too slow: try again after a pause.
  kTooLarge,     ///< Over a configured size: never try again.
  kInvalid,      ///< The input is wrong: never try again; tell its author.
  kNotFound,     ///< There is no such thing: never try again.
  kUnavailable,  ///< A peer or a file is not there yet: wait, or tell the operator.
  kInternal,     ///< A call we believed legal was refused: stop, be restarted.
};

struct Error {
  Errc code = Errc::kInternal;
  std::string detail;  ///< One line for people: what failed, on what, what was expected.
  /// Of a page's failure: its name in docs/outcomes.md, where the code alone does not say. A
  /// string that lives for ever.
  const char* reason = "";
};

/// The value of a Result that carries none.
struct Ok {};

template <typename T = Ok>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  /// REQUIRES: ok().
  T& operator*() noexcept { return *Checked(std::get_if<0>(&state_)); }
  const T& operator*() const noexcept { return *Checked(std::get_if<0>(&state_)); }
  T* operator->() noexcept { return &**this; }
  const T* operator->() const noexcept { return &**this; }

  /// REQUIRES: !ok().
  [[nodiscard]] const Error& error() const noexcept { return *Checked(std::get_if<1>(&state_)); }

 private:
  template <typename P>
  static P* Checked(P* side) noexcept {
    if (side == nullptr) std::abort();
    return side;
  }

  std::variant<T, Error> state_;
};

}  // namespace thresh
