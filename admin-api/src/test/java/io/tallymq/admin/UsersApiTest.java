package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.access.UsersApi;
import io.tallymq.login.Passwords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** /api/users over a real broker: who is put can log in, as long as he may. */
class UsersApiTest {
    private static final String ANN = "/api/users/ann";

    private AccessFixture on;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
    }

    @AfterEach
    void stop() {
        on.close();
    }

    private int login(String user, String password) {
        return on.admin.send("GET", "/api/whoami", Admin.basic(user, password)).statusCode();
    }

    @Test
    void aUserIsMadeChangedAndDeleted() {
        on.get(404, ANN);
        assertEquals("", on.put(201, ANN, "{\"password\":\"s3cret\",\"tags\":\"monitoring, own\"}"));
        assertEquals(200, login("ann", "s3cret"));
        JsonNode ann = on.json(ANN);
        assertEquals("ann", ann.get("name").asText());
        assertEquals(Passwords.PBKDF2, ann.get("hashing_algorithm").asText());
        assertEquals("[\"monitoring\",\"own\"]", ann.get("tags").toString());
        assertEquals("{}", ann.get("limits").toString());
        assertEquals(ann, on.json("/api/users").get(0));
        assertEquals("root", on.json("/api/users").get(1).get("name").asText());
        assertEquals("root", on.json("/api/users?name=ROO").get(0).get("name").asText());

        on.put(204, ANN, "{\"password\":\"other\",\"tags\":[\"administrator\",\"administrator\",\"\"]}");
        assertEquals(401, login("ann", "s3cret"));
        assertEquals(200, login("ann", "other"));
        assertEquals("[\"administrator\"]", on.json(ANN).get("tags").toString());

        on.delete(204, ANN);
        assertEquals(401, login("ann", "other"));
        on.get(404, ANN);
        on.delete(404, ANN);
    }

    /** As RabbitMQ: what is not said is not there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"tags\":\"\"}",
                "{\"tags\":[],\"password\":\"\"}",
                "{\"tags\":[],\"password_hash\":\"\",\"hashing_algorithm\":\"rabbit_password_hashing_sha256\"}",
                "{\"tags\":[],\"password\":null,\"password_hash\":\"\"}"
            })
    void withoutAPasswordNobodyLogsIn(String body) {
        on.user("ann", "");
        on.put(204, ANN, body);
        assertEquals(401, login("ann", "ann"));
        assertEquals(401, login("ann", ""));
        assertEquals("", on.json(ANN).get("password_hash").asText());
        on.put(204, ANN, on.get(200, ANN)); // what is shown may be put
    }

    @Test
    void aHashIsTakenAsItIs() throws GeneralSecurityException {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        sha.update(new byte[] {1, 2, 3, 4});
        byte[] value = new byte[36];
        System.arraycopy(new byte[] {1, 2, 3, 4}, 0, value, 0, 4);
        System.arraycopy(sha.digest("word".getBytes(StandardCharsets.UTF_8)), 0, value, 4, 32);
        String hash = Base64.getEncoder().encodeToString(value);
        on.put(201, ANN, "{\"password_hash\":\"" + hash + "\",\"tags\":\"\"}");
        assertEquals(hash, on.json(ANN).get("password_hash").asText());
        assertEquals(
                Passwords.RABBIT_SHA256, on.json(ANN).get("hashing_algorithm").asText());
        assertEquals(200, login("ann", "word"));
        assertTrue(on.put(
                        400,
                        ANN,
                        "{\"password_hash\":\"" + hash
                                + "\",\"hashing_algorithm\":\"rabbit_password_hashing_sha512\",\"tags\":\"\"}")
                .contains("password_hash: base64"));
    }

    @Test
    void aHashIsMadeForWhoWantsOne() {
        JsonNode hash =
                Admin.parse(on.admin.send("POST", "/api/auth/hash_password", "{\"password\":\"w\"}", Admin.ROOT_LOGIN));
        on.put(201, ANN, "{\"password_hash\":\"" + hash.get("ok").asText() + "\",\"tags\":\"\"}");
        assertEquals(200, login("ann", "w"));
        on.send(400, "POST", "/api/auth/hash_password", "{}");
        on.send(400, "POST", "/api/auth/hash_password", "{\"password\":7}");
        on.get(404, "/api/auth/hash_password/w");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"password\":\"x\"}|Key not present: tags",
                "{\"password\":\"x\",\"tags\":7}|tags: a list of strings",
                "{\"password\":\"x\",\"tags\":[7]}|tags: a list of strings",
                "{\"password\":7,\"tags\":\"\"}|password: a string is expected",
                "{\"password\":\"x\",\"password_hash\":\"y\",\"tags\":\"\"}|one of them at most",
                "{\"password_hash\":\"AAAA\",\"tags\":\"\"}|password_hash: base64 of a salt and a hash",
                "{\"password_hash\":\"!\",\"tags\":\"\"}|password_hash: base64 of a salt and a hash",
                "{\"password_hash\":\"AQIDBA==\",\"hashing_algorithm\":\"rabbit_password_hashing_md5\",\"tags\":\"\"}|rabbit_password_hashing_sha256",
                "{\"password_hash\":\"AAAA\",\"hashing_algorithm\":7,\"tags\":\"\"}|hashing_algorithm: a string",
                "[]|the request's body has to be a JSON object",
                "{\"tags\":|Unable to parse JSON",
            })
    void whatIsWrongIsTold(String body, String text) {
        String refused = on.put(400, ANN, body);
        assertTrue(refused.contains(text), refused);
        on.get(404, ANN);
    }

    @Test
    void namesAreAnythingThatIsNotTooLong() {
        for (String name : new String[] {"a/b", "/", "Ω Jürgen", "%2F", "a.b?c#d"}) {
            String path = "/api/users/" + AccessFixture.encode(name);
            on.put(201, path, "{\"tags\":\"\"}");
            assertEquals(name, on.json(path).get("name").asText());
            assertEquals("[]", on.get(200, path + "/permissions"));
            on.delete(204, path);
        }
        on.put(400, "/api/users/" + "n".repeat(256), "{\"tags\":\"\"}");
        on.put(400, "/api/users/a%00b", "{\"tags\":\"\"}");
        on.put(400, ANN, "{\"tags\":\"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u\"}");
        on.put(413, ANN, "{\"tags\":\"\",\"password\":\"" + "p".repeat(70_000) + "\"}");
        on.send(405, "POST", ANN, "{}");
    }

    @Test
    void manyAreDeletedAtOnce() {
        on.user("ann", "");
        on.user("bob", "");
        on.user("cid", "");
        assertEquals(
                "", on.send(204, "POST", "/api/users/bulk-delete", "{\"users\":[\"ann\",\"nobody\",\"bob\",\"ann\"]}"));
        assertEquals(2, on.json("/api/users").size());
        assertTrue(on.send(400, "POST", "/api/users/bulk-delete", "{\"users\":[\"root\",\"cid\"]}")
                .contains("last administrator"));
        assertEquals(2, on.json("/api/users").size());
        for (String wrong :
                new String[] {"{}", "{\"users\":\"cid\"}", "{\"users\":[7]}", "{\"users\":{\"a\":\"cid\"}}"}) {
            on.send(400, "POST", "/api/users/bulk-delete", wrong);
        }
        String many = "\"a\",".repeat(UsersApi.MOST_DELETED) + "\"cid\"";
        on.send(400, "POST", "/api/users/bulk-delete", "{\"users\":[" + many + "]}");
        assertEquals(2, on.json("/api/users").size());
    }

    @Test
    void whoHasNoPermissionsIsFound() {
        on.user("ann", "");
        assertEquals(
                "ann", on.json("/api/users/without-permissions").at("/0/name").asText());
        assertEquals(1, on.json("/api/users/without-permissions").size());
        on.permit("ann", "/", "", "", "");
        assertEquals("[]", on.get(200, "/api/users/without-permissions"));
    }

    @Test
    void theLastAdministratorStays() {
        assertTrue(on.delete(400, "/api/users/root").contains("the last administrator"));
        assertTrue(on.put(400, "/api/users/root", "{\"password\":\"p\",\"tags\":\"monitoring\"}")
                .contains("the last administrator"));
        on.put(400, "/api/users/root", "{\"tags\":\"administrator\"}");
        on.user("ann", "administrator");
        on.delete(204, "/api/users/root");
        assertEquals(401, login("root", "s3cret:with:colons"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"monitoring", "management", "policymaker", ""})
    void itIsForAdministrators(String tags) {
        String login = on.user("ann", tags);
        for (String path : new String[] {
            "/api/users",
            "/api/users/root",
            "/api/users/without-permissions",
            "/api/users/root/permissions",
            "/api/users/root/topic-permissions"
        }) {
            on.get(403, path, login);
            assertEquals(401, on.admin.send("GET", path, null).statusCode());
        }
        on.send(403, "PUT", ANN, "{\"tags\":\"administrator\"}", login);
        on.send(403, "DELETE", "/api/users/root", "", login);
        on.send(403, "POST", "/api/users/bulk-delete", "{\"users\":[\"root\"]}", login);
        on.send(403, "POST", "/api/auth/hash_password", "{\"password\":\"x\"}", login);
        assertEquals(
                tags, String.join(",", on.broker.access().user("ann").spec().tags()));
    }

    @Test
    void passwordsStayHere() {
        on.put(201, ANN, "{\"password\":\"verysecret\",\"tags\":\"\"}");
        on.put(400, ANN, "{\"password\":\"verysecret\",\"tags\":7}");
        assertFalse(on.get(200, "/api/users").contains("verysecret"));
        assertFalse(on.get(200, "/api/audit").contains("verysecret"));
        assertFalse(
                on.put(400, ANN, "{\"tags\":\"\",\"password\":\"verysecret\" x").contains("verysecret"));
        String unquoted = on.put(400, ANN, "{\"tags\":\"\",\n\"password\":verysecret}");
        assertFalse(unquoted.contains("verysecret"), unquoted);
        assertTrue(unquoted.contains("Unable to parse JSON: line 2"), unquoted);
        on.put(400, ANN, "\0\0\0{\0\0\0}");
    }
}
