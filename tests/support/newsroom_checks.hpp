#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/django_site.hpp"
#include "support/http_client.hpp"

// What the site of tests/django_site is to say, to who asks it and to who asks what stands before
// it.
namespace support {

/// Where a newsroom site is asked: itself, or through somebody in front of it. Refers to the site.
class NewsroomFront {
public:
    NewsroomFront(const DjangoSite& site) : site_(site), address_(site.address()) {}
    NewsroomFront(const DjangoSite& site, std::string address)
        : site_(site), address_(std::move(address)) {}

    const DjangoSite& site() const { return site_; }
    const std::string& address() const { return address_; }
    bool is_direct() const { return address_ == site_.address(); }

    /// One request on a connection of its own.
    Answer ask(const std::string& method, const std::string& target, const std::string& body = "",
               const Fields& fields = {}) const;
    Answer get(const std::string& target, const Fields& fields = {}) const {
        return ask("GET", target, "", fields);
    }
    void open_gate(const std::string& gate, int number) const { site_.open_gate(gate, number); }
    bool gate_closed(const std::string& gate) const { return site_.gate_closed(gate); }

private:
    const DjangoSite& site_;
    std::string address_;
};

/// A reader's or an editor's browser: its cookies, and the tokens of the forms that it sends.
class Browser {
public:
    /// How it asks: method, target, body, fields.
    using Ask = std::function<Answer(const std::string&, const std::string&, const std::string&,
                                     const Fields&)>;
    /// `fields` go out with each request.
    explicit Browser(Ask ask, Fields fields = {});
    explicit Browser(const NewsroomFront& front, Fields fields = {});

    Answer get(const std::string& target);
    /// As a form is sent: with the token that the page before it has.
    Answer post(const std::string& target, const std::string& form, const Answer& page,
                const Fields& more = {});
    /// Sends the form of that page as the site's admin.
    Answer log_in(const std::string& target, const Fields& more = {});
    bool has_cookie(const std::string& name) const;
    /// As a Cookie field has them.
    std::string cookies() const;

private:
    Fields sent(const Fields& more) const;
    Answer keep(Answer answer);

    Ask ask_;
    Fields fields_;
    Fields cookies_;
};

std::string sha256(const std::string& text);
/// The file that /download/lines-<size>.txt gives: lines that say where they are.
std::string file_of_lines(std::size_t size);

// Each REQUIREs and CHECKs.
void check_pages(const NewsroomFront& site);
void check_files(const NewsroomFront& site);
void check_answers(const NewsroomFront& site);
void check_upload(const NewsroomFront& site, std::size_t size);
/// How many bytes of a body of 12, sent in chunks, Django says it has read.
nlohmann::json chunked_size(const NewsroomFront& site);
void check_download(const NewsroomFront& site);
/// Each piece of a stream is here before the next one may go.
void check_pieces(const NewsroomFront& site);
/// The admin opens to who logs in, and forms need their token.
void check_forms(const NewsroomFront& site);
void check_article(const nlohmann::json& article);
void check_envelopes(const NewsroomFront& site);
void check_filters(const NewsroomFront& site);
void check_api_rights(const NewsroomFront& site);
/// Under daphne: a websocket echoes, and is refused where it should be.
void check_websocket(const NewsroomFront& site);

}  // namespace support
