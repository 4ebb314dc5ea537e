#pragma once

#include <algorithm>
#include <string>

namespace news {

enum class Slot;

/// A statement about the tables of a slot, made once for each: `#` stands where its letter goes.
class SlotSql {
public:
    explicit SlotSql(const std::string& pattern) : a_(with(pattern, 'a')), b_(with(pattern, 'b')) {}
    const std::string& operator[](Slot slot) const { return static_cast<int>(slot) == 0 ? a_ : b_; }

private:
    static std::string with(std::string pattern, char letter) {
        std::replace(pattern.begin(), pattern.end(), '#', letter);
        return pattern;
    }
    std::string a_;
    std::string b_;
};

}  // namespace news
