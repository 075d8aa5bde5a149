// The calls of libsrtp 3 that the worker makes, on top of libsrtp 2, which is what distributions package.
#ifndef TANDEM_SHIM_SRTP_H
#define TANDEM_SHIM_SRTP_H

// Version 3 has a policy behind a pointer of this name; version 2's own kind gets another name.
#define srtp_policy_t srtp2_policy_t
#include <srtp2/srtp.h>
#undef srtp_policy_t

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

// Codes that version 2 does not know, and so never returns.
inline constexpr auto srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
inline constexpr auto srtp_err_status_cryptex_err  = static_cast<srtp_err_status_t>(29);

struct tandem_srtp_policy
{
	srtp2_policy_t policy{};
	uint8_t key[SRTP_MAX_KEY_LEN]{};
};

using srtp_policy_t = tandem_srtp_policy*;

inline srtp_err_status_t srtp_policy_create(srtp_policy_t* policy)
{
	*policy = new (std::nothrow) tandem_srtp_policy();

	return *policy ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

inline void srtp_policy_destroy(srtp_policy_t policy)
{
	if (policy == nullptr)
	{
		return;
	}

	// The key must not stay in memory that others get.
	volatile uint8_t* key = policy->key;

	for (size_t i{ 0 }; i < sizeof(policy->key); ++i)
	{
		key[i] = 0;
	}

	delete policy;
}

inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	policy->policy.ssrc = ssrc;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
	const auto status = srtp_crypto_policy_set_from_profile_for_rtp(&policy->policy.rtp, profile);

	if (status != srtp_err_status_ok)
	{
		return status;
	}

	return srtp_crypto_policy_set_from_profile_for_rtcp(&policy->policy.rtcp, profile);
}

inline srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t policy,
  const uint8_t* key,
  size_t keyLen,
  const uint8_t* salt,
  size_t saltLen,
  const uint8_t* mki,
  size_t mkiLen)
{
	// One key, and none that is named: nothing else is asked for.
	if (keyLen + saltLen > sizeof(policy->key) || mki != nullptr || mkiLen != 0)
	{
		return srtp_err_status_bad_param;
	}

	std::memcpy(policy->key, key, keyLen);
	std::memcpy(policy->key + keyLen, salt, saltLen);
	policy->policy.key = policy->key;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow)
{
	policy->policy.allow_repeat_tx = allow ? 1 : 0;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t size)
{
	policy->policy.window_size = size;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t policy)
{
	return srtp_create(session, static_cast<const srtp2_policy_t*>(&policy->policy));
}

inline srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrc)
{
	return srtp_remove_stream(session, ssrc);
}

// Version 2 works in place: the packet is copied to where the result shall be, if it is not there.
namespace tandem
{
	template<typename Work>
	srtp_err_status_t inPlace(
	  Work work, size_t trailer, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen)
	{
		if (*outLen < inLen + trailer)
		{
			return srtp_err_status_buffer_small;
		}

		if (in != out)
		{
			std::memcpy(out, in, inLen);
		}

		auto length       = static_cast<int>(inLen);
		const auto status = work(out, &length);

		*outLen = static_cast<size_t>(length);

		return status;
	}
} // namespace tandem

inline srtp_err_status_t srtp_protect(
  srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t /*mkiIndex*/)
{
	return tandem::inPlace(
	  [session](uint8_t* packet, int* length) { return srtp_protect(session, packet, length); },
	  SRTP_MAX_TRAILER_LEN, in, inLen, out, outLen);
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen)
{
	return tandem::inPlace(
	  [session](uint8_t* packet, int* length) { return srtp_unprotect(session, packet, length); },
	  0, in, inLen, out, outLen);
}

inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t /*mkiIndex*/)
{
	return tandem::inPlace(
	  [session](uint8_t* packet, int* length) { return srtp_protect_rtcp(session, packet, length); },
	  SRTP_MAX_TRAILER_LEN + 4, in, inLen, out, outLen);
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen)
{
	return tandem::inPlace(
	  [session](uint8_t* packet, int* length) { return srtp_unprotect_rtcp(session, packet, length); },
	  0, in, inLen, out, outLen);
}

#endif
