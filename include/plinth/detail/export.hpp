// PLINTH_API marks what the shared library exports; all else in it is hidden.
#pragma once
#define PLINTH_API __attribute__((visibility("default")))
