#pragma once

#include <string>
#include <vector>

#include "editing/desk.hpp"

namespace editing {

// The bodies of answers, as api/openapi.yaml has them.

/// Null if there is none.
std::string working_copy_body(const std::optional<WorkingCopy>& copy);
std::string working_copies_body(const std::vector<WorkingCopy>& copies);
std::string note_body(const Note& note);
/// `next`: the cursor of what follows; empty: nothing does.
std::string notes_body(const std::vector<Note>& notes, const std::string& next);
std::string presence_body(const std::vector<Present>& people, std::chrono::milliseconds span);
/// `path`: where the link is, on this server.
std::string link_body(const PreviewLink& link, const std::string& path);
std::string preview_body(const Preview& preview);

}  // namespace editing
