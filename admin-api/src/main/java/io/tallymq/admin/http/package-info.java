/** HTTP on a connection: limits, logins, which answer is asked for, how it is sent. */
package io.tallymq.admin.http;
