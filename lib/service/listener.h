#pragma once

#include <string>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

/// The stream socket that the service manager listens on for us (sd_listen_fds(3)), by the name
/// that it has there (FileDescriptorName=); empty if there is none of that name. It may be asked
/// for again, also by the process that this one turns into by RestartProcess().
/// Errors: kInvalid if there are several, or it is no Unix stream socket that listens.
[[nodiscard]] Result<UniqueFd> InheritedListener(const std::string& name);

}  // namespace thresh
