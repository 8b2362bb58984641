// What an engine is made with, read from the options that JavaScript gives: of the simulator's RingCore and of the ring
// thread alike.
#pragma once

#include <memory>

#include "binding/values.hpp"
#include "core/config.hpp"
#include "core/protection.hpp"

namespace openais {

// Wrong options have thrown: ask reader.ok().
EngineConfig read_engine_config(ValueReader& reader, napi_value options);

// `protection`: {cipher: 'none'} or {cipher: 'aes256gcm' | 'chacha20poly1305', key: Uint8Array(128), clusterName}.
// Null: it threw.
std::unique_ptr<Protection> read_protection(ValueReader& reader, napi_value options, const EngineConfig& config);

// Bytes of a ring of memory: a power of two.
std::size_t read_ring_bytes(ValueReader& reader, napi_value options, const char* name, std::size_t min);

}  // namespace openais
