// The files that scripts import.
#pragma once

#include "system/system.h"

namespace trapline {

Result<std::vector<System::ImportedFile>> read_import_files(const std::string& name, const std::string& from);

} // namespace trapline
