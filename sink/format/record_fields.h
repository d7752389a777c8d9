#pragma once

// A record's own fields: a map of MessagePack
// (https://github.com/msgpack/msgpack/blob/master/spec.md) becomes the beginning of its line.

#include <cstddef>
#include <string_view>

#include "sink/format/fill_counts.h"
#include "sink/format/line_buffer.h"

namespace thresh {

struct FieldsRead {
  std::size_t end = 0;          ///< Where the next record begins.
  const char* fault = nullptr;  ///< What was found where it should not be; null if all is well.
};

/// Appends `{` and all fields of the map at `offset` of `records`, each with a comma behind it.
/// UTF-8 is not escaped. `fills`: of the map's item; they count it.
/// Faults: what is no map, has a key that is no string or begins with `_`, is nested over 64 deep,
/// or holds what JSON cannot say (binary, extensions). What was appended and counted then stays.
[[nodiscard]] FieldsRead AppendFields(std::string_view records, std::size_t offset,
                                      FillCounts* fills, LineBuffer* out);

}  // namespace thresh
