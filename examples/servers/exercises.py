"""exercises for parsers: pages that name something to compute.

/countdown/N, /fibonacci/N and /light/N at once; /game/G/M, the master's next move in game G, after the opponent has thought.
Of /game/G/M?then=all the games are one chain: the last move of one leads to the first of the next.
"""
from _http import NOT_FOUND, Response

GAMES, MOVES = 10, 10


def add_options(parser):
    parser.add_argument("--opponent-ms", type=float, default=85, help="how long an opponent thinks about a move; 85")


def _next_of(game, move, chain):
    if move < MOVES:
        return "/game/%d/%d%s" % (game, move + 1, "?then=all" if chain else "")
    return "/game/%d/1?then=all" % (game + 1) if chain and game < GAMES else None


def _page(what, value, link=None):
    more = '<a rel="next" href="%s">next</a>' % link.replace("&", "&amp;") if link else ""
    return ('<!DOCTYPE html><title>%s %s</title><p id="%s">%s</p>%s\n' % (what, value, what, value, more)).encode()


def make_service(options):
    def answer(request):
        kind, *numbers = request.path.strip("/").split("/")
        if not numbers or not all(number.isdigit() for number in numbers):
            return NOT_FOUND
        if kind in ("countdown", "fibonacci", "light"):
            return Response(200, _page(kind, numbers[0]))
        if kind == "game" and len(numbers) == 2 and 1 <= int(numbers[0]) <= GAMES and 1 <= int(numbers[1]) <= MOVES:
            game, move = map(int, numbers)
            link = _next_of(game, move, request.query.get("then") == "all")
            return Response(200, _page("game", "%d/%d" % (game, move), link), after_s=options.opponent_ms / 1000)
        return NOT_FOUND
    return answer
