/** What the cluster consists of in one file, out and in. */
package io.tallymq.admin.definitions;
