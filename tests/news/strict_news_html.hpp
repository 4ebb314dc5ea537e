#pragma once

// A second opinion on news HTML, which shares nothing with what writes it: one strict grammar of
// the closed list, written as tables of words. Whatever is not exactly that is a fault.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace news {

class StrictNewsHtml {
public:
    StrictNewsHtml(std::string_view html, std::vector<std::string> embeds)
        : all_(html), embeds_(std::move(embeds)) {}

    /// What is wrong first, and where; empty if nothing is.
    std::string fault() {
        if (!base::count_code_points(all_)) return "it is no UTF-8";
        content("whole");
        if (fault_.empty() && at_ < all_.size()) fail("an end tag of nothing");
        return fault_;
    }

private:
    using Words = std::set<std::string, std::less<>>;

    static Words words(std::string_view text) {
        Words all;
        std::string word;
        for (char c : std::string(text) + " ") {
            if (c != ' ') {
                word += c;
            } else if (!word.empty()) {
                all.insert(std::exchange(word, ""));
            }
        }
        return all;
    }

    struct Grammar {
        Words children;
        bool text;
    };

    static const std::map<std::string, Grammar, std::less<>>& grammar() {
        static const std::string line = "a strong em s code img br iframe ";
        static const std::string flow =
            line + "p h2 h3 h4 pre ul ol blockquote figure table hr div ";
        static const std::map<std::string, Grammar, std::less<>> all = {
            {"whole", {words(flow), true}},
            {"div", {words(flow), true}},
            {"blockquote", {words(flow), true}},
            {"li", {words(flow), true}},
            {"td", {words(flow), true}},
            {"th", {words(flow), true}},
            {"figcaption", {words(flow), true}},
            {"figure", {words(flow + "figcaption"), true}},
            {"p", {words(line), true}},
            {"h2", {words(line), true}},
            {"h3", {words(line), true}},
            {"h4", {words(line), true}},
            {"pre", {words(line), true}},
            {"a", {words(line), true}},
            {"strong", {words(line), true}},
            {"em", {words(line), true}},
            {"s", {words(line), true}},
            {"code", {words(line), true}},
            {"ul", {words("li"), false}},
            {"ol", {words("li"), false}},
            {"table", {words("thead tbody tr"), false}},
            {"thead", {words("tr"), false}},
            {"tbody", {words("tr"), false}},
            {"tr", {words("td th"), false}},
            {"iframe", {{}, false}},
        };
        return all;
    }

    void fail(const std::string& what) {
        if (!fault_.empty()) return;
        auto begin = at_ > 20 ? at_ - 20 : 0;
        fault_ =
            what + " at " + std::to_string(at_) + ": …" + std::string(all_.substr(begin, 60)) + "…";
    }

    bool good() const { return fault_.empty(); }
    bool is_at(std::string_view text) const { return all_.substr(at_).starts_with(text); }

    void content(const std::string& of) {
        const auto& rules = grammar().at(of);
        while (good() && at_ < all_.size() && !is_at("</")) {
            if (is_at("<")) {
                element(of, rules);
            } else {
                text(rules.text);
            }
        }
    }

    void text(bool any) {
        auto begin = at_;
        while (good() && at_ < all_.size() && all_[at_] != '<') character(false);
        bool is_white = all_.substr(begin, at_ - begin).find_first_not_of(" \t\n") == all_.npos;
        if (!any && !is_white) fail("text where none may be");
    }

    void character(bool in_value) {
        for (std::string_view reference : {"&lt;", "&gt;", "&amp;", "&nbsp;", "&quot;"}) {
            if (!is_at(reference)) continue;
            if (reference == "&quot;" && !in_value) fail("a reference too many");
            at_ += reference.size();
            return;
        }
        auto byte = static_cast<unsigned char>(all_[at_]);
        bool is_control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
        bool is_hidden = is_at("\xEF\xBF\xBE") || is_at("\xEF\xBF\xBF") || is_at("\xC2\xA0");
        if (is_at("\xC2") && at_ + 1 < all_.size()) {
            is_hidden = is_hidden || static_cast<unsigned char>(all_[at_ + 1]) < 0xA0;
        }
        if (byte == '&' || byte == '<' || byte == '>' || is_control || is_hidden) {
            return fail("a character that may not stand as it is");
        }
        ++at_;
    }

    void element(const std::string& parent, const Grammar& rules) {
        ++at_;
        auto name = std::string(word());
        if (!rules.children.contains(name)) return fail("<" + name + "> within <" + parent + ">");
        auto given = attributes();
        if (!good()) return;
        check_attributes(name, given);
        if (name == "img" || name == "br" || name == "hr") return;
        static const Words marks = words("a strong em s code");
        static const Words nesting = words("ul ol table blockquote figure div");
        bool is_mark = marks.contains(name);
        if (is_mark && !open_.insert(name).second) return fail("a mark within itself");
        if (nesting.contains(name) && ++depth_ > 32) return fail("too deep");
        auto outer = is_mark ? open_ : std::exchange(open_, {});
        bool is_empty = is_at("</");
        if (is_mark && (is_empty || is_at(" ") || is_at("\n"))) fail("a mark of nothing");
        if (name == "p" && is_empty && before_is_markup()) fail("an empty paragraph");
        if (good()) content(name);
        if (!good()) return;
        auto end = "</" + name + ">";
        if (!is_at(end)) return fail("no " + end);
        at_ += end.size();
        open_ = std::move(outer);
        if (is_mark) open_.erase(name);
        if (nesting.contains(name)) --depth_;
    }

    /// Whether what stands before `<p>` is no text.
    bool before_is_markup() const {
        if (at_ <= 3) return true;
        char before = all_[at_ - 4];
        return before == '>' || before == ' ' || before == '\n' || before == '\t';
    }

    std::string_view word() {
        auto begin = at_;
        auto fits = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        };
        while (at_ < all_.size() && fits(all_[at_])) ++at_;
        return all_.substr(begin, at_ - begin);
    }

    std::map<std::string, std::string> attributes() {
        std::map<std::string, std::string> all;
        while (good() && is_at(" ")) {
            ++at_;
            auto name = std::string(word());
            if (name.empty() || !is_at("=\"")) {
                fail("no attribute");
                break;
            }
            at_ += 2;
            auto begin = at_;
            while (good() && at_ < all_.size() && all_[at_] != '"') character(true);
            if (!all.emplace(name, plain(all_.substr(begin, at_ - begin))).second) fail("twice");
            if (at_ < all_.size()) ++at_;
        }
        if (good() && !is_at(">")) fail("no end of a tag");
        if (good()) ++at_;
        return all;
    }

    static std::string plain(std::string_view written) {
        std::string text(written);
        for (auto [reference, character] :
             {std::pair("&lt;", "<"), std::pair("&gt;", ">"), std::pair("&quot;", "\""),
              std::pair("&nbsp;", "\xC2\xA0"), std::pair("&amp;", "&")}) {
            std::string_view from(reference);
            for (auto i = text.find(from); i != text.npos; i = text.find(from, i + 1)) {
                text.replace(i, from.size(), character);
            }
        }
        return text;
    }

    void check_attributes(const std::string& element,
                          const std::map<std::string, std::string>& given) {
        static const std::map<std::string, Words> allowed = {
            {"a", words("href title target rel")},
            {"img", words("src alt title width height")},
            {"iframe", words("src title width height allowfullscreen")},
            {"ol", words("start")},
            {"td", words("colspan rowspan")},
            {"th", words("colspan rowspan")},
        };
        auto value = [&](const std::string& name) {
            auto found = given.find(name);
            return found == given.end() ? std::string() : found->second;
        };
        for (const auto& [name, text] : given) {
            bool is_data = element == "div" && name.starts_with("data-") && !is_of_script(name);
            auto list = allowed.find(element);
            bool is_listed = list != allowed.end() && list->second.contains(name);
            if (!is_data && !is_listed) fail(name + " of <" + element + ">");
            static const Words numbers = words("width height start colspan rowspan");
            bool is_number = !text.empty() && text.size() <= 5 &&
                             text.find_first_not_of("0123456789") == text.npos;
            if (numbers.contains(name) && !is_number) fail("no number");
        }
        if (element == "div" && value("data-block").empty()) fail("a div that is no block");
        if (element == "a") check_link(value("href"), true);
        if (element == "img") check_link(value("src"), false);
        if (element == "iframe") check_embed(value("src"));
        if (element == "a" && given.contains("target")) {
            bool is_safe = value("target") == "_blank" &&
                           (" " + value("rel") + " ").find(" noopener ") != std::string::npos;
            if (!is_safe) fail("a target that may turn this page into another");
        }
    }

    /// Some that scripts act on, wherever they find them.
    static bool is_of_script(const std::string& name) {
        static const Words whole = words(
            "data-bind data-turbo data-action data-controller data-remote data-toggle data-ride "
            "data-spy data-slide data-dismiss");
        static const Words families = words(
            "data-hx- data-ng- data-dojo- data-sly- data-turbo- data-bs- data-x- data-on- "
            "data-win- data-wp- data-rv- data-uk-");
        auto starts = [&](const std::string& family) { return name.starts_with(family); };
        return whole.contains(name) || std::any_of(families.begin(), families.end(), starts);
    }

    static bool is_server(std::string_view address) {
        for (std::string_view scheme : {"http://", "https://"}) {
            if (!address.starts_with(scheme) || address.size() == scheme.size()) continue;
            auto host = address.substr(scheme.size());
            host = host.substr(0, host.find_first_of("/?#"));
            if (!host.empty() && host.find_first_of("\\@ ") == host.npos) return true;
        }
        return false;
    }

    void check_link(std::string_view address, bool is_link) {
        for (char c : address) {
            auto byte = static_cast<unsigned char>(c);
            if (byte < 0x20 || byte == 0x7F) return fail("a hidden character in an address");
        }
        bool is_path =
            address.starts_with("/") && !address.starts_with("//") && !address.starts_with("/\\");
        bool is_other = is_link && (address.starts_with("#") || address.starts_with("mailto:") ||
                                    address.starts_with("tel:"));
        if (!is_path && !is_other && !is_server(address)) fail("an address that may not be");
    }

    void check_embed(std::string_view address) {
        bool is_known = std::any_of(embeds_.begin(), embeds_.end(), [&](const std::string& host) {
            std::string lower;
            for (char c : address.substr(0, 8 + host.size())) {
                lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            }
            auto rest = address.substr(std::min(address.size(), 8 + host.size()));
            return lower == "https://" + host && (rest.empty() || rest.starts_with('/') ||
                                                  rest.starts_with('?') || rest.starts_with('#'));
        });
        if (!is_known) fail("an embed of somebody else");
    }

    std::string_view all_;
    std::vector<std::string> embeds_;
    std::size_t at_ = 0;
    std::string fault_;
    Words open_;  ///< marks that are open, since the last block began
    int depth_ = 0;
};

}  // namespace news
