#pragma once

#include <filesystem>

#include "source_text.hpp"

namespace architecture {

/// Every document (`*.md`) that the comments of a source name is in the repository below `root`: by
/// its path from there, or from the source's own folder. Of a document itself, every link to a
/// file.
Findings check_documents(const Source& source, const std::filesystem::path& root);

/// The comments of a source: of C++ what the compiler does not see, of CMake, Python, shell and
/// YAML what follows a `#` (and Python's texts), of SQL what follows `--`.
std::string comments_of(const Source& source);

/// What `check` finds in every text file below these folders, and in the files directly in `root`.
Findings check_texts(const std::filesystem::path& root, const std::vector<std::string>& folders,
                     const std::function<Findings(const Source&)>& check);

}  // namespace architecture
