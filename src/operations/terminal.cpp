#include "operations/terminal.hpp"

#include <unistd.h>

#include <cstdio>

namespace operations {

namespace {

using namespace std::chrono_literals;
constexpr int bar_width = 30;

std::string bar(double part) {
    auto full = static_cast<std::size_t>(part * bar_width);
    return "[" + std::string(full, '#') + std::string(bar_width - full, '.') + "]";
}

}  // namespace

std::string with_commas(std::int64_t number) {
    std::string text = std::to_string(number);
    std::size_t start = number < 0 ? 1 : 0;
    for (std::size_t i = text.size(); i > start + 3;) {
        i -= 3;
        text.insert(i, 1, ',');
    }
    return text;
}

ProgressDisplay::ProgressDisplay(std::string title)
    : title_(std::move(title)), terminal_(isatty(STDERR_FILENO) == 1) {}

void ProgressDisplay::show(const Progress::State& state) {
    if (state.notice != noticed_) {
        noticed_ = state.notice;
        std::fprintf(stderr, "%s%s\n", terminal_ ? "\r\033[K" : "", noticed_.c_str());
    }
    auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + (terminal_ ? 100ms : 1000ms);
    double part =
        state.total > 0 ? static_cast<double>(state.done) / static_cast<double>(state.total) : 0;
    part = std::min(std::max(part, 0.0), 1.0);
    int percent = static_cast<int>(part * 100);
    if (terminal_) {
        // The end of the line is cleared, as the text before may have been longer.
        std::fprintf(stderr, "\r%s %s %3d %%  %s\033[K", title_.c_str(), bar(part).c_str(), percent,
                     state.text.c_str());
    } else {
        std::fprintf(stderr, "%s %d %%  %s\n", title_.c_str(), percent, state.text.c_str());
    }
    std::fflush(stderr);
    shown_ = true;
}

void ProgressDisplay::finish() {
    if (terminal_ && shown_) std::fprintf(stderr, "\n");
}

}  // namespace operations
