#pragma once

#include <cstdint>
#include <istream>
#include <string_view>
#include <variant>

#include "source.hpp"
#include "splitter.hpp"

namespace django {

/// The row that one JSON object of a dump says: `model`, `pk` (may be missing), `fields`.
std::variant<Record, Reject> record_from_json(std::string_view text, std::int64_t line);

/// A dump as json or jsonl. The stream must outlive it.
class JsonDump final : public Source {
public:
    JsonDump(std::istream& input, std::size_t row_bytes_max, SourcePlace place = {})
        : splitter_(input, row_bytes_max, place), row_bytes_max_(row_bytes_max) {}

    Item next() override;
    std::optional<SourcePlace> place() const override { return splitter_.place(); }
    const std::map<std::string, std::string>& relations() const override { return none_; }
    bool is_verified() const override { return true; }
    bool cuts_times() const override { return true; }

private:
    Splitter splitter_;
    const std::size_t row_bytes_max_;
    bool cut_off_ = false;
    const std::map<std::string, std::string> none_;
};

}  // namespace django
