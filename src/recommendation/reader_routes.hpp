#pragma once

#include "http/router.hpp"
#include "input_json.hpp"
#include "interest_service.hpp"
#include "preference_service.hpp"
#include "visit_service.hpp"

namespace recommendation {

/// What readers tell: what they have done, what they want of their front page, and whether anything
/// of it may be kept. Thread-safe.
class ReaderRoutes {
public:
    ReaderRoutes(VisitService& visits, PreferenceService& preferences,
                 const InterestService& interests, const users::Users& users,
                 const Pseudonyms& pseudonyms, const base::Clock& clock, const VisitRules& rules)
        : visits_(visits),
          preferences_(preferences),
          interests_(interests),
          users_(users),
          pseudonyms_(pseudonyms),
          clock_(clock),
          rules_(rules) {}
    void add_to(http::Router& router);

private:
    using Answer = base::Task<http::Response>;
    using Choice = PreferenceService::Choice;

    Answer take_visits(const http::Request& request);
    Answer preferences(const http::Request& request);
    Answer follow(const http::Request& request) { return choose(request, Choice::followed); }
    Answer unfollow(const http::Request& request) { return take_back(request, Choice::followed); }
    Answer mute(const http::Request& request) { return choose(request, Choice::muted); }
    Answer unmute(const http::Request& request) { return take_back(request, Choice::muted); }
    Answer choose(const http::Request& request, Choice choice);
    Answer take_back(const http::Request& request, Choice choice);
    Answer hide(const http::Request& request);
    Answer show_again(const http::Request& request);
    Answer privacy(const http::Request& request);
    Answer put_privacy(const http::Request& request);
    Answer all_that_is_known(const http::Request& request);

    VisitService& visits_;
    PreferenceService& preferences_;
    const InterestService& interests_;
    const users::Users& users_;
    const Pseudonyms& pseudonyms_;
    const base::Clock& clock_;
    const VisitRules rules_;
};

}  // namespace recommendation
