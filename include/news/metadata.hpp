#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace news {

/// A picture of an article: an item of module media, and what this article says of it.
struct Image {
    std::int64_t media = 0;
    std::string alt{};      ///< 0 to 1,000 characters, one line
    std::string caption{};  ///< 0 to 2,000
    std::string credit{};   ///< 0 to 200, one line
    bool is_lead = false;   ///< the one that stands for the article; the others are inline

    bool operator==(const Image&) const = default;
};

/// An article of any type, by its id alone: whether there is one, and who may read it, is found out
/// by whoever asks for it.
struct Reference {
    std::string type;
    std::int64_t id = 0;

    bool operator==(const Reference&) const = default;
};

/// The same article in another language.
struct Translation {
    std::string language;
    Reference article;

    bool operator==(const Translation&) const = default;
};

inline constexpr std::size_t authors_max = 20;

/// What an article may say besides its text. Each is empty where there is none.
struct Metadata {
    std::vector<std::int64_t> authors{};  ///< ids of users, in order: up to authors_max, each once
    std::vector<Image> images{};          ///< up to 50, at most one of them lead
    std::string language{};               ///< BCP 47, as `pt-BR`
    std::vector<Translation> translations{};  ///< up to 50, each language once
    std::vector<Reference> related{};         ///< up to 20, each once
    std::string canonical_url{};              ///< http or https, up to 2,000 characters

    bool operator==(const Metadata&) const = default;
};

/// What is changed of it; empty values end what there was.
struct MetadataChanges {
    std::optional<std::vector<std::int64_t>> authors{};
    std::optional<std::vector<Image>> images{};
    std::optional<std::string> language{};
    std::optional<std::vector<Translation>> translations{};
    std::optional<std::vector<Reference>> related{};
    std::optional<std::string> canonical_url{};

    bool operator==(const MetadataChanges&) const = default;
};

/// A language tag in its one spelling (RFC 5646, 2.1.1); nothing for what has not the form of one.
/// Whether its parts are registered is not looked at.
std::optional<std::string> tidy_language(std::string_view tag);
/// A canonical_url in its one spelling; nothing for what is none.
std::optional<std::string> tidy_canonical_url(std::string url);

}  // namespace news
