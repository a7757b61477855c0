// The version of Plinth that is compiled against; client_version() tells the one that is linked.
#pragma once

// The build reads the project's version from these three lines.
#define PLINTH_VERSION_MAJOR 0
#define PLINTH_VERSION_MINOR 1
#define PLINTH_VERSION_PATCH 0

#define PLINTH_DETAIL_TEXT(x) #x
#define PLINTH_DETAIL_VERSION(major, minor, patch) \
  PLINTH_DETAIL_TEXT(major) "." PLINTH_DETAIL_TEXT(minor) "." PLINTH_DETAIL_TEXT(patch)

// "0.1.0"
#define PLINTH_VERSION \
  PLINTH_DETAIL_VERSION(PLINTH_VERSION_MAJOR, PLINTH_VERSION_MINOR, PLINTH_VERSION_PATCH)
