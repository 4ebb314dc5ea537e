#pragma once

#include <string>
#include <vector>

#include "django/export.hpp"
#include "kept_file.hpp"
#include "names.hpp"

namespace django {

/// What an export tells: bounded in its report, all of it in the file beside. One thread.
class ExportTold {
public:
    ExportTold(const std::filesystem::path& file, ExportReport& report)
        : kept_(file), report_(report) {}

    base::Result<void> open() { return kept_.open(); }
    base::Result<void> finish() {
        report_.kept_file = kept_.path();
        return kept_.finish();
    }
    /// What is as it was wanted.
    void add(const std::string& code, const Row& row, const std::string& text) {
        kept_.add(code, row, text);
    }
    /// What a row does not say, or that it cannot be there.
    void warn(const std::string& kind, const Row& row, const std::string& text) {
        ++report_.unsaid;
        kept_.add(kind, row, text);
        bool is_known = report_.warnings.contains(kind);
        if (!is_known && report_.warnings.size() == kinds_told_max) return;
        auto& one = report_.warnings[kind];
        if (one.count++ == 0) one.example = shortened(legacy_id_of(row) + ": " + text, 500);
    }
    void tell_left(const Row& row, const std::vector<std::string>& left) {
        for (const auto& member : left) {
            warn("kept_" + member, row,
                 "no rule can be turned round to say the " + member +
                     " that is here: the row keeps "
                     "what it had");
        }
    }
    void name_left_out(const Row& row) {
        if (report_.left_out.size() == left_out_told_max) return;
        report_.left_out.push_back(shortened(legacy_id_of(row), 200));
    }

private:
    static constexpr std::size_t kinds_told_max = 100;
    static constexpr std::size_t left_out_told_max = 100;

    KeptFile kept_;
    ExportReport& report_;
};

}  // namespace django
