// Catches exceptions, so that none crosses the C interface.
#pragma once
#include <xapian.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <string>

#include "xapian_shim.h"

namespace ltr {

inline int failed(int status, const std::string &text, char *message, size_t room) {
  snprintf(message, room, "%s", text.c_str());
  return status;
}

inline int failed(int status, const Xapian::Error &error, char *message, size_t room) {
  const char *reason = error.get_error_string();
  std::string text = error.get_msg();
  if (reason) text += std::string(": ") + reason;
  // Xapian reports only the system's message, not its error number.
  if (reason && strcmp(reason, strerror(ENOSPC)) == 0) status = LTR_XAPIAN_FULL;
  return failed(status, text, message, room);
}

// Runs `body` and converts exceptions to a status and a message.
template <typename Body>
int guarded(char *message, size_t room, Body body) noexcept {
  try {
    body();
    return LTR_XAPIAN_OK;
  } catch (const Xapian::DatabaseOpeningError &error) {
    return failed(LTR_XAPIAN_MISSING, error, message, room);
  } catch (const Xapian::DatabaseError &error) {
    return failed(LTR_XAPIAN_CORRUPT, error, message, room);
  } catch (const Xapian::RangeError &error) {
    return failed(LTR_XAPIAN_CORRUPT, error, message, room);
  } catch (const Xapian::DocNotFoundError &error) {
    // Postings refer to a document without a length.
    return failed(LTR_XAPIAN_CORRUPT, error, message, room);
  } catch (const Xapian::Error &error) {
    return failed(LTR_XAPIAN_FAILED, error, message, room);
  } catch (const std::bad_alloc &) {
    return failed(LTR_XAPIAN_MEMORY, "there is not enough memory", message, room);
  } catch (const std::exception &error) {
    return failed(LTR_XAPIAN_FAILED, error.what(), message, room);
  } catch (...) {
    return failed(LTR_XAPIAN_FAILED, "it is not known what", message, room);
  }
}

}  // namespace ltr
