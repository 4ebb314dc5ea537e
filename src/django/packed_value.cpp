#include "packed_value.hpp"

namespace django {

namespace {

using Kind = Value::Kind;

/// What is deeper was refused when it was read.
constexpr std::size_t depth_max = 64;

void put_count(std::string& out, std::size_t count) {
    for (; count >= 0x80; count >>= 7) out += static_cast<char>(count | 0x80);
    out += static_cast<char>(count);
}

void put_text(std::string& out, const std::string& text) {
    put_count(out, text.size());
    out += text;
}

void put(std::string& out, const Value& value) {
    out += static_cast<char>(value.kind);
    if (value.is_null()) return;
    if (value.is_scalar()) return put_text(out, value.text);
    put_count(out, value.items.size());
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        if (value.is_object()) put_text(out, value.names[i]);
        put(out, value.items[i]);
    }
}

class Unpacker {
public:
    explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}

    bool take(Value& value, std::size_t depth) {
        if (depth > depth_max || at_ == bytes_.size()) return false;
        auto kind = static_cast<std::uint8_t>(bytes_[at_++]);
        if (kind > static_cast<std::uint8_t>(Kind::object)) return false;
        value.kind = static_cast<Kind>(kind);
        if (value.is_null()) return true;
        if (value.is_scalar()) return take_text(value.text);
        std::size_t count = 0;
        // Each has a byte at least.
        if (!take_count(count) || count > bytes_.size() - at_) return false;
        value.items.reserve(count);
        if (value.is_object()) value.names.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            if (value.is_object() && !take_text(value.names.emplace_back())) return false;
            if (!take(value.items.emplace_back(), depth + 1)) return false;
        }
        return true;
    }
    bool at_end() const { return at_ == bytes_.size(); }

private:
    bool take_count(std::size_t& count) {
        for (unsigned shift = 0; shift < 63 && at_ < bytes_.size(); shift += 7) {
            auto byte = static_cast<unsigned char>(bytes_[at_++]);
            count |= static_cast<std::size_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return true;
        }
        return false;
    }
    bool take_text(std::string& text) {
        std::size_t size = 0;
        if (!take_count(size) || size > bytes_.size() - at_) return false;
        text = bytes_.substr(at_, size);
        at_ += size;
        return true;
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
};

}  // namespace

std::string packed(const Value& value) {
    std::string out;
    put(out, value);
    return out;
}

std::optional<Value> unpacked(std::string_view bytes) {
    Unpacker unpacker(bytes);
    Value value;
    if (!unpacker.take(value, 0) || !unpacker.at_end()) return std::nullopt;
    return value;
}

}  // namespace django
