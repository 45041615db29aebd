/** Who somebody is: passwords and how they are kept, for all doors. */
package io.tallymq.login;
