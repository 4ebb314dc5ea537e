#include "metadata.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "base/unicode.hpp"
#include "html_address.hpp"

namespace news {

namespace {

using base::Problem;

constexpr std::size_t images_max = 50;
constexpr std::size_t alt_max = 1000;
constexpr std::size_t caption_max = 2000;
constexpr std::size_t credit_max = 200;
constexpr std::size_t translations_max = 50;
constexpr std::size_t related_max = 20;
constexpr std::size_t canonical_url_max = 2000;
constexpr std::size_t language_length_max = 64;
constexpr std::size_t type_length_max = 31;
constexpr std::int64_t number_max = (std::int64_t{1} << 53) - 1;

constexpr const char* no_number = "must be a whole number from 1 to 2^53 - 1";
constexpr const char* no_language = "must be a language tag of BCP 47, as en or pt-BR";

bool is_number(std::int64_t id) {
    return id >= 1 && id <= number_max;
}

std::string entry_of(const char* list, std::size_t index, const char* member = nullptr) {
    auto name = std::string(list) + "[" + std::to_string(index) + "]";
    return member ? name + "." + member : name;
}

bool check_count(std::vector<Problem>& problems, const char* list, std::size_t count,
                 std::size_t most) {
    if (count <= most) return true;
    problems.push_back({list, "has " + std::to_string(count) + " entries, at most " +
                                  std::to_string(most) + " are allowed"});
    return false;
}

void check_authors(std::vector<Problem>& problems, const std::vector<std::int64_t>& authors) {
    if (!check_count(problems, "authors", authors.size(), authors_max)) return;
    std::set<std::int64_t> seen;
    for (std::size_t i = 0; i < authors.size(); ++i) {
        if (!is_number(authors[i])) {
            problems.push_back({entry_of("authors", i), no_number});
        } else if (!seen.insert(authors[i]).second) {
            problems.push_back({entry_of("authors", i), "stands there twice"});
        }
    }
}

/// One that may be empty.
void check_words(std::vector<Problem>& problems, std::string field, const std::string& text,
                 std::size_t most, bool is_line) {
    if (text.empty()) return;
    auto length = base::count_code_points(text);
    if (!length) {
        problems.push_back({std::move(field), "is not valid UTF-8"});
    } else if (*length > most) {
        problems.push_back({std::move(field), "has " + std::to_string(*length) +
                                                  " characters, at most " + std::to_string(most) +
                                                  " are allowed"});
    } else if (auto problem = is_line ? base::problem_of_line(text) : std::nullopt) {
        problems.push_back({std::move(field), *problem});
    }
}

void check_images(std::vector<Problem>& problems, const std::vector<Image>& images) {
    if (!check_count(problems, "images", images.size(), images_max)) return;
    bool has_lead = false;
    for (std::size_t i = 0; i < images.size(); ++i) {
        const auto& image = images[i];
        if (!is_number(image.media)) {
            problems.push_back({entry_of("images", i, "media"), no_number});
        }
        check_words(problems, entry_of("images", i, "alt"), image.alt, alt_max, true);
        check_words(problems, entry_of("images", i, "caption"), image.caption, caption_max, false);
        check_words(problems, entry_of("images", i, "credit"), image.credit, credit_max, true);
        if (image.is_lead && has_lead) {
            problems.push_back({entry_of("images", i, "role"), "is lead, as that of another one"});
        }
        has_lead = has_lead || image.is_lead;
    }
}

void check_language(std::vector<Problem>& problems, const std::string& field,
                    std::string& language) {
    if (auto tidy = tidy_language(language)) {
        language = std::move(*tidy);
    } else {
        problems.push_back({field, no_language});
    }
}

bool is_small_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// Whether there is such a type is up to the configuration of a start.
bool has_form_of_type(const std::string& word) {
    return !word.empty() && word.size() <= type_length_max && word[0] >= 'a' && word[0] <= 'z' &&
           std::all_of(word.begin(), word.end(),
                       [](char c) { return c == '-' || is_small_letter_or_digit(c); });
}

void check_reference(std::vector<Problem>& problems, const char* list, std::size_t index,
                     const Reference& article) {
    if (!has_form_of_type(article.type)) {
        problems.push_back({entry_of(list, index, "type"), "is no news type"});
    }
    if (!is_number(article.id)) problems.push_back({entry_of(list, index, "id"), no_number});
}

void check_translations(std::vector<Problem>& problems, std::vector<Translation>& translations) {
    if (!check_count(problems, "translations", translations.size(), translations_max)) return;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < translations.size(); ++i) {
        auto& translation = translations[i];
        auto field = entry_of("translations", i, "language");
        auto before = problems.size();
        check_language(problems, field, translation.language);
        bool is_new = seen.insert(translation.language).second;
        if (problems.size() == before && !is_new) {
            problems.push_back({std::move(field), "stands there twice"});
        }
        check_reference(problems, "translations", i, translation.article);
    }
}

void check_related(std::vector<Problem>& problems, const std::vector<Reference>& related) {
    if (!check_count(problems, "related", related.size(), related_max)) return;
    for (std::size_t i = 0; i < related.size(); ++i) {
        check_reference(problems, "related", i, related[i]);
        auto here = related.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::find(related.begin(), here, related[i]) != here) {
            problems.push_back({entry_of("related", i), "stands there twice"});
        }
    }
}

void check_canonical_url(std::vector<Problem>& problems, std::string& url) {
    check_words(problems, "canonical_url", url, canonical_url_max, true);
    auto address = link_address(url);
    bool is_whole = address && address->starts_with("http") && !url.starts_with("//") &&
                    address->find(' ') == std::string::npos;
    if (is_whole) {
        url = std::move(*address);
    } else {
        problems.push_back({"canonical_url",
                            "must be an address that begins with http:// or "
                            "https://"});
    }
}

/// What holds between languages.
void check_languages(std::vector<Problem>& problems, const std::string& language,
                     const std::vector<Translation>& translations) {
    if (language.empty()) return;
    for (std::size_t i = 0; i < translations.size(); ++i) {
        if (translations[i].language != language) continue;
        problems.push_back(
            {entry_of("translations", i, "language"), "is the language of the item itself"});
    }
}

/// A language tag, read from its beginning to its end (RFC 5646, 2.1): its parts in small letters,
/// but for those that are written otherwise.
class LanguageTag {
public:
    explicit LanguageTag(std::string_view tag) {
        parts_.emplace_back();
        for (char c : tag) {
            bool is_capital = c >= 'A' && c <= 'Z';
            if (c == '-') {
                parts_.emplace_back();
            } else {
                parts_.back() += is_capital ? static_cast<char>(c - 'A' + 'a') : c;
            }
        }
    }

    std::optional<std::string> tidy() {
        bool is_tag = take_language() && take_variants() && take_extensions() && take_private();
        if (!is_tag || at_ != parts_.size()) return std::nullopt;
        std::string tag = parts_[0];
        for (std::size_t i = 1; i < parts_.size(); ++i) tag += "-" + parts_[i];
        return tag;
    }

private:
    bool has_size(std::size_t least, std::size_t most) const {
        return at_ < parts_.size() && parts_[at_].size() >= least && parts_[at_].size() <= most &&
               std::all_of(parts_[at_].begin(), parts_[at_].end(), is_small_letter_or_digit);
    }
    bool is_letters(std::size_t least, std::size_t most) const {
        return has_size(least, most) &&
               std::all_of(parts_[at_].begin(), parts_[at_].end(), [](char c) { return c >= 'a'; });
    }
    bool is_digits(std::size_t count) const {
        return has_size(count, count) &&
               std::all_of(parts_[at_].begin(), parts_[at_].end(), [](char c) { return c <= '9'; });
    }
    static void to_capital(char& c) { c = static_cast<char>(c - 'a' + 'A'); }

    /// With its extensions (`zh-yue`), script (`Hant`) and region (`HK`, `419`).
    bool take_language() {
        if (!is_letters(2, 8)) return false;
        bool may_extend = parts_[at_++].size() <= 3;
        for (int i = 0; may_extend && i < 3 && is_letters(3, 3); ++i) ++at_;
        if (is_letters(4, 4)) to_capital(parts_[at_++][0]);
        if (is_letters(2, 2)) {
            for (char& c : parts_[at_++]) to_capital(c);
        } else if (is_digits(3)) {
            ++at_;
        }
        return true;
    }
    bool take_variants() {
        auto is_variant = [&] {
            return has_size(5, 8) || (has_size(4, 4) && parts_[at_][0] <= '9');
        };
        for (; is_variant(); ++at_) {
            if (!seen_.insert(parts_[at_]).second) return false;
        }
        return true;
    }
    bool take_extensions() {
        while (has_size(1, 1) && parts_[at_] != "x") {
            if (!seen_.insert(parts_[at_++]).second || !has_size(2, 8)) return false;
            while (has_size(2, 8)) ++at_;
        }
        return true;
    }
    bool take_private() {
        if (!has_size(1, 1)) return true;
        ++at_;
        if (!has_size(1, 8)) return false;
        while (has_size(1, 8)) ++at_;
        return true;
    }

    std::vector<std::string> parts_;
    std::size_t at_ = 0;
    std::set<std::string> seen_;  ///< variants and extensions stand there once
};

template <class Value>
void forget_if_equal(std::optional<Value>& wanted, const Value& now_is) {
    if (wanted == now_is) wanted.reset();
}

}  // namespace

bool is_empty(const Metadata& metadata) {
    return metadata.authors.empty() && metadata.images.empty() && metadata.language.empty() &&
           metadata.translations.empty() && metadata.related.empty() &&
           metadata.canonical_url.empty();
}

bool is_empty(const MetadataChanges& changes) {
    return !changes.authors && !changes.images && !changes.language && !changes.translations &&
           !changes.related && !changes.canonical_url;
}

void apply(Metadata& metadata, const MetadataChanges& changes) {
    if (changes.authors) metadata.authors = *changes.authors;
    if (changes.images) metadata.images = *changes.images;
    if (changes.language) metadata.language = *changes.language;
    if (changes.translations) metadata.translations = *changes.translations;
    if (changes.related) metadata.related = *changes.related;
    if (changes.canonical_url) metadata.canonical_url = *changes.canonical_url;
}

MetadataChanges difference(const Metadata& before, Metadata after) {
    MetadataChanges changes{std::move(after.authors),  std::move(after.images),
                            std::move(after.language), std::move(after.translations),
                            std::move(after.related),  std::move(after.canonical_url)};
    forget_if_equal(changes.authors, before.authors);
    forget_if_equal(changes.images, before.images);
    forget_if_equal(changes.language, before.language);
    forget_if_equal(changes.translations, before.translations);
    forget_if_equal(changes.related, before.related);
    forget_if_equal(changes.canonical_url, before.canonical_url);
    return changes;
}

void check_metadata(std::vector<Problem>& problems, Metadata& metadata) {
    auto all = difference({}, std::move(metadata));
    settle_metadata(problems, all, {});
    metadata = {};
    apply(metadata, all);
}

void settle_metadata(std::vector<Problem>& problems, MetadataChanges& changes,
                     const Metadata& now) {
    if (is_empty(changes)) return;
    if (changes.authors) check_authors(problems, *changes.authors);
    if (changes.images) check_images(problems, *changes.images);
    if (changes.language && !changes.language->empty()) {
        check_language(problems, "language", *changes.language);
    }
    if (changes.translations) check_translations(problems, *changes.translations);
    if (changes.related) check_related(problems, *changes.related);
    if (changes.canonical_url && !changes.canonical_url->empty()) {
        check_canonical_url(problems, *changes.canonical_url);
    }
    auto after = now;
    apply(after, changes);
    if (changes.language || changes.translations) {
        check_languages(problems, after.language, after.translations);
    }
    changes = difference(now, std::move(after));
}

std::optional<std::string> tidy_language(std::string_view tag) {
    if (tag.size() > language_length_max) return std::nullopt;
    return LanguageTag(tag).tidy();
}

std::optional<std::string> tidy_canonical_url(std::string url) {
    std::vector<Problem> problems;
    check_canonical_url(problems, url);
    if (!problems.empty()) return std::nullopt;
    return url;
}

}  // namespace news
