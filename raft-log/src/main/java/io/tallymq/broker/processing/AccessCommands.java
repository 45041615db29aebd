package io.tallymq.broker.processing;

import io.tallymq.broker.access.AccessChecks;
import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.change.AlterVhost;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.ChangeKind;
import io.tallymq.broker.change.ClearGlobalParameter;
import io.tallymq.broker.change.ClearLimit;
import io.tallymq.broker.change.ClearPermission;
import io.tallymq.broker.change.ClearTopicPermission;
import io.tallymq.broker.change.DeleteUser;
import io.tallymq.broker.change.DeleteVhost;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.change.Rehash;
import io.tallymq.broker.change.SetGlobalParameter;
import io.tallymq.broker.change.SetLimit;
import io.tallymq.broker.change.SetLimits;
import io.tallymq.broker.change.SetPermission;
import io.tallymq.broker.change.SetTopicPermission;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.change.SetVhost;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.TopicPermission;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.broker.spec.VhostSpec;
import io.tallymq.broker.view.User;
import io.tallymq.broker.view.Vhost;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;

/** Administrators change who there is and who may do what. Whether they may is decided before. */
public final class AccessCommands {
    private static final String ADMINISTRATOR = "administrator";
    private static final Permission EVERYTHING = new Permission(".*", ".*", ".*");

    private final AccessState access;
    private final Topology topology;
    private final IntSupplier level;

    /** @param level of the state */
    public AccessCommands(AccessState access, Topology topology, IntSupplier level) {
        this.access = access;
        this.topology = topology;
        this.level = level;
    }

    /** 404 for what is not there, 406 for what can't be. */
    public Reply administer(Administer a, long now) {
        int from = a.change().kind().level();
        if (level.getAsInt() < from) {
            return Reply.belowLevel("changes of this kind are known", from, level.getAsInt());
        }
        Reply reply = carryOut(a.change());
        boolean isDone = reply instanceof Reply.Ok || reply instanceof Reply.Changed;
        if (isDone && a.change().kind() == ChangeKind.REHASH) {
            access.changed(); // nobody wanted it: a thousand logins would drive out what administrators did
        } else if (isDone) {
            access.note(
                    now, a.by(), a.from(), a.change().kind().text(), a.change().subject());
        }
        return reply;
    }

    private Reply carryOut(Change change) {
        return switch (change.kind()) {
            case FIRST_USER -> first((FirstUser) change);
            case SET_VHOST -> set((SetVhost) change);
            case ALTER_VHOST -> alter((AlterVhost) change);
            case DELETE_VHOST -> delete((DeleteVhost) change);
            case SET_USER -> set((SetUser) change);
            case DELETE_USER -> delete((DeleteUser) change);
            case REHASH -> rehash((Rehash) change);
            case SET_PERMISSION -> set((SetPermission) change);
            case CLEAR_PERMISSION -> clear((ClearPermission) change);
            case SET_TOPIC_PERMISSION -> set((SetTopicPermission) change);
            case CLEAR_TOPIC_PERMISSION -> clear((ClearTopicPermission) change);
            case SET_LIMIT -> set((SetLimit) change);
            case SET_LIMITS -> set((SetLimits) change);
            case CLEAR_LIMIT -> clear((ClearLimit) change);
            case SET_GLOBAL_PARAMETER -> set((SetGlobalParameter) change);
            case CLEAR_GLOBAL_PARAMETER -> clear((ClearGlobalParameter) change);
        };
    }

    private Reply first(FirstUser c) {
        if (access.isInitialised()) {
            return Reply.IGNORED;
        }
        User before = access.user(c.name()); // made a moment ago, by hand: with another password
        if (before == null || !mayAdminister(before.spec())) {
            access.setFirstUser(c.name(), new UserSpec(c.password(), List.of(ADMINISTRATOR)));
        }
        access.setPermission(c.name(), AccessState.FIRST_VHOST, EVERYTHING);
        if (access.hasVhost(c.vhost()) || set(new SetVhost(c.vhost(), VhostSpec.PLAIN)) instanceof Reply.Changed) {
            access.setPermission(c.name(), c.vhost(), EVERYTHING);
        }
        access.initialise(); // behind the user: who asks meanwhile finds him
        return Reply.OK;
    }

    private Reply set(SetVhost c) {
        Vhost before = access.vhost(c.name());
        if (before != null && before.isGoing()) {
            return Reply.precondition(
                    Reply.Reason.IN_USE,
                    "vhost '" + c.name()
                            + "' is being deleted, and not all that was in it is gone: try again in a moment");
        }
        Reply.Rejected bad = AccessChecks.vhost(c);
        if (bad != null) {
            return bad;
        }
        Reply.Rejected noRoom = before == null ? topology.vhostRefusal() : null;
        if (noRoom != null) {
            return noRoom;
        }
        Reply reply = access.setVhost(c.name(), c.spec());
        if (before == null && reply instanceof Reply.Changed) {
            topology.addVhost(c.name());
        }
        return reply;
    }

    /** What is not said is as it is now, not as who asks has seen it. */
    private Reply alter(AlterVhost c) {
        Vhost before = access.vhost(c.name());
        if (before == null && !c.makes()) {
            return noVhost(c.name());
        }
        return set(new SetVhost(c.name(), c.to().of(before == null ? VhostSpec.PLAIN : before.spec())));
    }

    private Reply delete(DeleteVhost c) {
        if (!access.hasVhost(c.name())) {
            return noVhost(c.name());
        }
        if (!access.isInitialised()) {
            return Reply.notAllowed("a cluster without users can't do without its first vhost");
        }
        if (access.vhost(c.name()).spec().isProtected()) {
            return Reply.precondition(
                    Reply.Reason.NOT_ALLOWED,
                    "vhost '" + c.name() + "' is protected from deletion: take the protection off first");
        }
        access.vhostGoes(c.name());
        topology.vhostGoes(c.name());
        return Reply.OK;
    }

    private Reply set(SetUser c) {
        Reply.Rejected bad = AccessChecks.user(c);
        if (bad == null && !mayAdminister(c.spec()) && isLastAdministrator(c.name())) {
            bad = lastAdministrator(c.name(), "keeps the tag " + ADMINISTRATOR + " and a password");
        }
        return bad != null ? bad : access.setUser(c.name(), c.spec());
    }

    private Reply delete(DeleteUser c) {
        if (access.user(c.name()) == null) {
            return noUser(c.name());
        }
        if (isLastAdministrator(c.name())) {
            return lastAdministrator(c.name(), "stays");
        }
        access.deleteUser(c.name());
        return Reply.OK;
    }

    /** Without one nobody could ever change anything again. */
    private boolean isLastAdministrator(String name) {
        User u = access.user(name);
        return u != null
                && mayAdminister(u.spec())
                && access.users().stream().allMatch(other -> other == u || !mayAdminister(other.spec()));
    }

    private static boolean mayAdminister(UserSpec spec) {
        return spec.tags().contains(ADMINISTRATOR) && !spec.password().equals(PasswordHash.NONE);
    }

    private static Reply.Rejected lastAdministrator(String name, String what) {
        return Reply.precondition(
                Reply.Reason.NOT_ALLOWED,
                "user '" + name + "' is the last administrator who can log in, and so " + what
                        + ": give another user the tag " + ADMINISTRATOR + " and a password first");
    }

    private Reply rehash(Rehash c) {
        User u = access.user(c.name());
        if (u == null || !u.spec().password().equals(c.from())) {
            return Reply.IGNORED; // it has changed meanwhile
        }
        access.rehash(c.name(), c.to());
        return Reply.OK;
    }

    private Reply set(SetPermission c) {
        Reply.Rejected bad = missing(c.user(), c.vhost());
        bad = bad != null ? bad : AccessChecks.permission(c.permission());
        bad = bad != null ? bad : noRoom(c.user(), c.vhost());
        if (bad != null) {
            return bad;
        }
        boolean isNew = !access.user(c.user()).permissions().containsKey(c.vhost());
        access.setPermission(c.user(), c.vhost(), c.permission());
        return new Reply.Changed(isNew);
    }

    private Reply clear(ClearPermission c) {
        Reply.Rejected bad = missing(c.user(), c.vhost());
        if (bad != null) {
            return bad;
        }
        if (!access.user(c.user()).permissions().containsKey(c.vhost())) {
            return Reply.notFound("user '" + c.user() + "' has no permissions in vhost '" + c.vhost() + "'");
        }
        access.setPermission(c.user(), c.vhost(), null);
        return Reply.OK;
    }

    private Reply set(SetTopicPermission c) {
        Reply.Rejected bad = missing(c.user(), c.vhost());
        bad = bad != null ? bad : AccessChecks.topicPermission(c.exchange(), c.permission());
        bad = bad != null ? bad : noRoom(c.user(), c.vhost());
        if (bad != null) {
            return bad;
        }
        Map<String, TopicPermission> topics = topics(c.user(), c.vhost());
        boolean isNew = topics.put(c.exchange(), c.permission()) == null;
        if (topics.size() > AccessState.MOST_TOPIC_PERMISSIONS) {
            return Reply.limit("topic permissions of a user in a vhost", AccessState.MOST_TOPIC_PERMISSIONS);
        }
        boolean isLimited = level.getAsInt() >= AccessState.TOPIC_PERMISSIONS_LEVEL;
        if (isNew && isLimited && !access.hasRoomForTopic()) {
            return Reply.limit("topic permissions", AccessState.MOST_TOPIC_PERMISSIONS_OF_ALL);
        }
        access.setTopicPermissions(c.user(), c.vhost(), topics);
        return new Reply.Changed(isNew);
    }

    private Reply clear(ClearTopicPermission c) {
        Reply.Rejected bad = missing(c.user(), c.vhost());
        if (bad != null) {
            return bad;
        }
        Map<String, TopicPermission> topics = topics(c.user(), c.vhost());
        boolean was = c.exchange() == null ? !topics.isEmpty() : topics.remove(c.exchange()) != null;
        if (!was) {
            return Reply.notFound("user '" + c.user() + "' has no such topic permissions in vhost '" + c.vhost() + "'");
        }
        access.setTopicPermissions(c.user(), c.vhost(), c.exchange() == null ? Map.of() : topics);
        return Reply.OK;
    }

    private Map<String, TopicPermission> topics(String user, String vhost) {
        return new TreeMap<>(access.user(user).topicPermissions().getOrDefault(vhost, Map.of()));
    }

    private Reply set(SetLimit c) {
        Reply.Rejected bad = c.ofUser() ? missingUser(c.owner()) : missingVhost(c.owner());
        bad = bad != null ? bad : AccessChecks.limit(c);
        if (bad != null) {
            return bad;
        }
        Map<String, Long> limits = limits(c.ofUser(), c.owner());
        boolean isNew;
        if (c.most() < 0) { // as RabbitMQ: none
            isNew = false;
            limits.remove(c.name());
        } else {
            isNew = limits.put(c.name(), c.most()) == null;
        }
        setLimits(c.ofUser(), c.owner(), limits);
        return new Reply.Changed(isNew);
    }

    private Reply set(SetLimits c) {
        Reply.Rejected bad = missingVhost(c.vhost());
        for (var limit : c.most().entrySet()) {
            bad = bad != null
                    ? bad
                    : AccessChecks.limit(new SetLimit(false, c.vhost(), limit.getKey(), limit.getValue()));
        }
        if (bad != null) {
            return bad;
        }
        boolean isNew = limits(false, c.vhost()).isEmpty();
        Map<String, Long> limits = new TreeMap<>(c.most());
        limits.values().removeIf(most -> most < 0); // as RabbitMQ: none
        setLimits(false, c.vhost(), limits);
        return new Reply.Changed(isNew);
    }

    private Reply clear(ClearLimit c) {
        Reply.Rejected bad = c.ofUser() ? missingUser(c.owner()) : missingVhost(c.owner());
        if (bad != null) {
            return bad;
        }
        Map<String, Long> limits = limits(c.ofUser(), c.owner());
        if (c.name() == null) {
            limits.clear();
        } else {
            limits.remove(c.name());
        }
        setLimits(c.ofUser(), c.owner(), limits);
        return Reply.OK;
    }

    private Map<String, Long> limits(boolean ofUser, String owner) {
        return new TreeMap<>(
                ofUser ? access.user(owner).limits() : access.vhost(owner).limits());
    }

    private void setLimits(boolean ofUser, String owner, Map<String, Long> limits) {
        if (ofUser) {
            access.setUserLimits(owner, limits);
        } else {
            access.setVhostLimits(owner, limits);
        }
    }

    private Reply set(SetGlobalParameter c) {
        Reply.Rejected bad = AccessChecks.globalParameter(c);
        return bad != null ? bad : access.setGlobalParameter(c.name(), c.value());
    }

    private Reply clear(ClearGlobalParameter c) {
        return access.clearGlobalParameter(c.name())
                ? Reply.OK
                : Reply.notFound("no global parameter '" + c.name() + "'");
    }

    private Reply.Rejected noRoom(String user, String vhost) {
        return access.hasRoomFor(user, vhost) ? null : Reply.limit("permissions", AccessState.MOST_PERMISSIONS);
    }

    private Reply.Rejected missing(String user, String vhost) {
        Reply.Rejected none = missingVhost(vhost);
        return none != null ? none : missingUser(user);
    }

    private Reply.Rejected missingUser(String name) {
        return access.user(name) == null ? noUser(name) : null;
    }

    private Reply.Rejected missingVhost(String name) {
        return access.hasVhost(name) ? null : noVhost(name);
    }

    private static Reply.Rejected noVhost(String name) {
        return Reply.notFound("vhost '" + name + "' not found");
    }

    private static Reply.Rejected noUser(String name) {
        return Reply.notFound("user '" + name + "' not found");
    }
}
