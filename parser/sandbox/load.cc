// What libraries open files for when they first need it, before they cannot.

#include <unistd.h>

#include <clocale>
#include <cstring>
#include <ctime>
#include <locale>
#include <string>

#include "lib/url/url.h"
#include "parser/body/charset.h"
#include "parser/sandbox/sandbox.h"

namespace thresh {

Result<> LoadWhatNeedsFiles() {
  if (Result<> loaded = LoadCharsets(); !loaded) return loaded.error();
  ::tzset();
  (void)std::locale::classic();
  (void)::sysconf(_SC_NPROCESSORS_ONLN);  // Read for the first pool of memory of a thread.
  // The tables for host names of more than ASCII (UTS 46).
  constexpr std::string_view kForeign =
      "http://b\xC3\xBC"
      "cher.example/";
  if (!Url::Parse(kForeign)) return Error{Errc::kInternal, "ICU lacks its tables for host names"};
  return Ok{};
}

}  // namespace thresh
