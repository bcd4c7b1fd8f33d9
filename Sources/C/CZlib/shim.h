#pragma once
// zlib defines these as macros, which Swift cannot import.
#include <zlib.h>

/// Prepares for one gzip member, whose header, CRC-32 and length zlib verifies. `stream` is zeroed.
static inline int ltr_gzip_begin(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
