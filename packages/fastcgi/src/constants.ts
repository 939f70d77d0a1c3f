// The numbers of FastCGI, in the words of the specification without its FCGI_ prefix.
// Source: FastCGI 1.0 §8 "Types and Constants", https://fastcgi-archives.github.io/FastCGI_Specification.html

/** The one version there is. */
export const VERSION = 1;

/** The length of a record's header, in bytes. */
export const HEADER_LENGTH = 8;

/** The length of the content of BEGIN_REQUEST, END_REQUEST and UNKNOWN_TYPE, in bytes. */
export const BODY_LENGTH = 8;

/** The id of a management record. */
export const NULL_REQUEST_ID = 0;

export const BEGIN_REQUEST = 1;
export const ABORT_REQUEST = 2;
export const END_REQUEST = 3;
export const PARAMS = 4;
export const STDIN = 5;
export const STDOUT = 6;
export const STDERR = 7;
export const DATA = 8;
export const GET_VALUES = 9;
export const GET_VALUES_RESULT = 10;
export const UNKNOWN_TYPE = 11;

/** The flag of BEGIN_REQUEST that leaves the connection to the web server: it is not closed after the request. */
export const KEEP_CONN = 1;

export const RESPONDER = 1;
export const AUTHORIZER = 2;
export const FILTER = 3;

export const REQUEST_COMPLETE = 0;
export const CANT_MPX_CONN = 1;
export const OVERLOADED = 2;
export const UNKNOWN_ROLE = 3;
