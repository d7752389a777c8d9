#include "lib/bus/curve_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <zmq.h>

#include "lib/base/handles.h"
#include "lib/io/credential.h"
#include "lib/io/file.h"

namespace thresh {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kZ85Bytes = 41;  // With the NUL behind it.
constexpr std::string_view kSecretWord = "thresh-secret-key";
constexpr std::string_view kPublicWord = "thresh-public-key";
constexpr std::string_view kSpace = " \t\r";

// libzmq speaks Z85, in which a key may begin with # and hold what a shell takes for its own.
std::string FromZ85(const char* text) {
  std::string key(kKeyBytes, '\0');
  zmq_z85_decode(reinterpret_cast<std::uint8_t*>(key.data()), text);
  return key;
}

std::string PublicOf(std::string_view secret) {
  std::array<char, kZ85Bytes> secret_text{};
  std::array<char, kZ85Bytes> public_text{};
  zmq_z85_encode(secret_text.data(), reinterpret_cast<const std::uint8_t*>(secret.data()),
                 secret.size());
  zmq_curve_public(public_text.data(), secret_text.data());
  return FromZ85(public_text.data());
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<std::string> KeyOf(std::string_view text) {
  if (text.size() != 2 * kKeyBytes) return std::nullopt;
  std::string key;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    key.push_back(static_cast<char>(high * 16 + low));
  }
  return key;
}

std::string_view TakeWord(std::string_view* line) {
  line->remove_prefix(std::min(line->find_first_not_of(kSpace), line->size()));
  const std::string_view word = line->substr(0, line->find_first_of(kSpace));
  line->remove_prefix(word.size());
  return word;
}

struct KeyLine {
  std::string key;
  std::string name;
};

// A line of the wrong kind is worth a word: who puts a secret key where all may read it should
// know.
Result<KeyLine> ReadLine(std::string_view line, std::string_view wanted, const std::string& place) {
  const std::string_view word = TakeWord(&line);
  if (word != wanted && (word == kSecretWord || word == kPublicWord)) {
    return Error{Errc::kInvalid,
                 place + ": expected a " + std::string(wanted) + ", found a " + std::string(word)};
  }
  const std::optional<std::string> key = KeyOf(TakeWord(&line));
  if (word != wanted || !key) {
    return Error{Errc::kInvalid, place + ": expected `" + std::string(wanted) +
                                     "` and 64 hex digits; `thresh keys` makes such files"};
  }
  return KeyLine{*key, std::string(TakeWord(&line))};
}

Result<std::vector<KeyLine>> ReadLines(const std::string& path, std::string_view wanted) {
  Result<std::string> text = ReadWholeFile(path);
  if (!text) return Error{Errc::kNotFound, text.error().detail};
  std::vector<KeyLine> lines;
  std::string_view rest = *text;
  for (int number = 1; !rest.empty(); ++number) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t begin = line.find_first_not_of(kSpace);
    if (begin == std::string_view::npos || line[begin] == '#') continue;
    auto read = ReadLine(line, wanted, path + ":" + std::to_string(number));
    if (!read) return read.error();
    lines.push_back(std::move(*read));
  }
  if (lines.empty()) {
    return Error{Errc::kInvalid, path + ": expected a line with a " + std::string(wanted)};
  }
  return lines;
}

Result<> MakeFile(const std::string& path, mode_t mode, const std::string& text) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd) return Error{Errc::kInvalid, "cannot make " + path + ": " + std::strerror(errno)};
  const bool is_written =
      ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!is_written) return Error{Errc::kInvalid, "cannot write " + path};
  return Ok{};
}

}  // namespace

CurveKeys NewCurveKeys() {
  std::array<char, kZ85Bytes> public_text{};
  std::array<char, kZ85Bytes> secret_text{};
  if (zmq_curve_keypair(public_text.data(), secret_text.data()) != 0) std::abort();
  return {FromZ85(public_text.data()), FromZ85(secret_text.data())};
}

std::string KeyText(std::string_view key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

Result<> WriteCurveKeys(const std::string& name, const CurveKeys& keys) {
  const std::string secret = std::string(kSecretWord) + " " + KeyText(keys.secret_key) + "\n";
  if (Result<> made = MakeFile(name + ".key", 0600, secret); !made) return made;
  const std::string own_name = name.substr(name.rfind('/') + 1);
  const std::string text =
      std::string(kPublicWord) + " " + KeyText(keys.public_key) + " " + own_name + "\n";
  return MakeFile(name + ".pub", 0644, text);
}

// systemd gives its own files modes of its own: an access list says who may read them.
Result<CurveKeys> ReadSecretKey(const std::string& file) {
  const CredentialFile found = FindCredential(file);
  auto lines = ReadLines(found.path, kSecretWord);
  if (!lines) return lines.error();
  if (lines->size() > 1) return Error{Errc::kInvalid, found.path + ": expected one key"};
  if (GrantsAny(found, S_IRWXG | S_IRWXO)) {
    return Error{Errc::kInvalid, found.path +
                                     ": others may read this secret key: chmod 600 it, and make "
                                     "another if they may have"};
  }
  const std::string& secret = lines->front().key;
  return CurveKeys{PublicOf(secret), secret};
}

Result<std::map<std::string, std::string>> ReadPublicKeys(const std::string& file) {
  auto lines = ReadLines(FindCredential(file).path, kPublicWord);
  if (!lines) return lines.error();
  std::map<std::string, std::string> keys;
  for (KeyLine& line : *lines) keys.insert_or_assign(std::move(line.key), std::move(line.name));
  return keys;
}

Result<std::string> ReadPublicKey(const std::string& file) {
  auto keys = ReadPublicKeys(file);
  if (!keys) return keys.error();
  if (keys->size() > 1) return Error{Errc::kInvalid, file + ": expected one key"};
  return keys->begin()->first;
}

}  // namespace thresh
