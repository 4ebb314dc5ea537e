#include "crowd_sign.hpp"

#include <algorithm>

namespace gateway {

/// In its own place if it has one, else in that of the one that was silent the longest.
void CrowdSign::Heard::note(std::size_t name, Time now) {
    auto* place = &voices.front();
    for (auto& voice : voices) {
        if (voice.name == name && voice.at != Time::min()) {
            place = &voice;
            break;
        }
        if (voice.at < place->at) place = &voice;
    }
    *place = {name, now};
}

bool CrowdSign::Heard::is_crowd(Time now) const {
    // A time that was never would be out of range, less a window.
    auto lately = [now](Time at) { return at != Time::min() && now - at < window; };
    return lately(refused_at) && std::all_of(voices.begin(), voices.end(),
                                             [&](const Voice& voice) { return lately(voice.at); });
}

bool CrowdSign::hear(const std::string& address, std::size_t voice, bool refused, Time now) {
    bool tell = false;
    addresses_.change(address, [&](Heard& heard) {
        if (heard.told) return;
        heard.note(voice, now);
        if (refused) heard.refused_at = now;
        tell = heard.told = heard.is_crowd(now);
    });
    return tell && told_.fetch_add(1, std::memory_order_relaxed) < told_max;
}

}  // namespace gateway
