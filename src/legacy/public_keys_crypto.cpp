#include "public_keys_crypto.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <new>

namespace legacy {

namespace {

constexpr int bits_min = 2048;
/// A larger one costs much at each token.
constexpr int bits_max = 4096;
constexpr int exponent_bits_max = 32;

template <auto free>
struct FreeBy {
    template <class T>
    void operator()(T* pointer) const {
        free(pointer);
    }
};
using BigNumber = std::unique_ptr<BIGNUM, FreeBy<BN_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreeBy<OSSL_PARAM_BLD_free>>;
using KeyParameters = std::unique_ptr<OSSL_PARAM, FreeBy<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeBy<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeBy<EVP_MD_CTX_free>>;

const unsigned char* octets_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

template <class T>
T never_null(T thing) {
    if (!thing) throw std::bad_alloc();
    return thing;
}

BigNumber big_number(std::string_view bytes) {
    return never_null(
        BigNumber(BN_bin2bn(octets_of(bytes), static_cast<int>(bytes.size()), nullptr)));
}

base::Error no_key(const char* why) {
    return {base::Reason::invalid, "key_unusable", why};
}

}  // namespace

base::Result<PublicKey> PublicKey::of_numbers(std::string_view modulus, std::string_view exponent,
                                              std::string id) {
    if (modulus.size() > bits_max / 8 + 1 || exponent.size() > exponent_bits_max / 8 + 1) {
        return no_key("is too large.");
    }
    auto n = big_number(modulus);
    auto e = big_number(exponent);
    auto bits = BN_num_bits(n.get());
    if (bits < bits_min || bits > bits_max) return no_key("has not 2048 to 4096 bits.");
    if (!BN_is_odd(n.get()) || !BN_is_odd(e.get()) || BN_is_one(e.get()) ||
        BN_num_bits(e.get()) > exponent_bits_max) {
        return no_key("has numbers that no key has.");
    }

    auto builder = never_null(ParameterBuilder(OSSL_PARAM_BLD_new()));
    bool built = OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
                 OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1;
    if (!built) throw std::bad_alloc();
    auto parameters = never_null(KeyParameters(OSSL_PARAM_BLD_to_param(builder.get())));
    auto context = never_null(KeyContext(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)));
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
        return no_key("is none that OpenSSL takes.");
    }
    std::shared_ptr<void> owned(key, [](void* one) { EVP_PKEY_free(static_cast<EVP_PKEY*>(one)); });
    return PublicKey(std::move(owned), static_cast<std::size_t>((bits + 7) / 8), std::move(id));
}

bool PublicKey::verifies(std::string_view content, std::string_view signature) const {
    if (signature.size() != bytes_) return false;
    auto context = never_null(DigestContext(EVP_MD_CTX_new()));
    // An RSA key verifies by PKCS #1 v1.5 unless it is told otherwise.
    bool good = EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                                     static_cast<EVP_PKEY*>(key_.get())) == 1 &&
                EVP_DigestVerify(context.get(), octets_of(signature), signature.size(),
                                 octets_of(content), content.size()) == 1;
    // Else a TLS connection of this thread would find in the queue why a signature was bad.
    if (!good) ERR_clear_error();
    return good;
}

}  // namespace legacy
