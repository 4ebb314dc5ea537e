#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace base {

/// Appends XML 1.0 to a text as it is told it, without a tree in between. Whatever texts and values
/// it is given, what it wrote is well-formed once all that was opened is closed: characters that
/// XML cannot have, and bytes that are no UTF-8, are left out, all others are escaped where they
/// must be. Names are the caller's own, never data.
///
///     XmlWriter(out).open("link").attribute("href", url).close();
class XmlWriter {
public:
    /// `out` must outlive the writer, and nobody else writes to it meanwhile.
    explicit XmlWriter(std::string& out) : out_(out) {}

    /// `<?xml …?>`, before all else.
    XmlWriter& declaration();
    /// `name` must outlive the writer: a literal.
    XmlWriter& open(std::string_view name);
    /// Of what was opened last, before there is anything in it; each name once.
    XmlWriter& attribute(std::string_view name, std::string_view value);
    XmlWriter& text(std::string_view text);
    /// What was opened last and is not closed; nothing if there is none.
    XmlWriter& close();

    /// An element with only text in it.
    XmlWriter& element(std::string_view name, std::string_view content) {
        return open(name).text(content).close();
    }

private:
    void finish_tag();

    std::string& out_;
    std::vector<std::string_view> opened_{};
    bool in_tag_ = false;
};

}  // namespace base
