#pragma once

// Key pairs by which the ends of a TCP connection know each other and encrypt (CurveZMQ). Files
// hold lines of a word, 64 hex digits and, behind a public key, a name:
//
//   thresh-secret-key 2f…            thresh-public-key 9c… worker-3
//
// Empty lines and those that begin with # are passed over.

#include <map>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace thresh {

/// 32 bytes each.
struct CurveKeys {
  std::string public_key;
  std::string secret_key;
};

[[nodiscard]] CurveKeys NewCurveKeys();

/// 64 hex digits, as in files.
[[nodiscard]] std::string KeyText(std::string_view key);

/// Makes the files NAME.key, for its owner alone, and NAME.pub, for all.
/// Errors: kInvalid if one of them is there, or cannot be made.
Result<> WriteCurveKeys(const std::string& name, const CurveKeys& keys);

// A file's name without a slash is looked for in $CREDENTIALS_DIRECTORY (systemd) first.

/// The pair whose secret key the file holds.
/// Errors: kNotFound; kInvalid for what is no such file, or one that others may read.
[[nodiscard]] Result<CurveKeys> ReadSecretKey(const std::string& file);

/// Public keys of a file, with their names. At least one.
/// Errors: kNotFound; kInvalid with file and line.
[[nodiscard]] Result<std::map<std::string, std::string>> ReadPublicKeys(const std::string& file);

/// The one public key of a file.
/// Errors: as ReadPublicKeys().
[[nodiscard]] Result<std::string> ReadPublicKey(const std::string& file);

}  // namespace thresh
