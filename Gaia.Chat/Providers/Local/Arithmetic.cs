namespace Gaia.Chat.Providers.Local;

/// <summary>
/// A recursive-descent calculator: <c>+ - * / ^ %</c>, parentheses, decimals, "of", roots. "%" before a number is the remainder, otherwise percent;
/// "50 + 10%" adds a tenth of 50, as pocket calculators do. Bounded in length, depth and size of numbers.
/// </summary>
internal sealed class Arithmetic
{
    public const int MaxTokens = 200;

    private const int MaxDepth = 40;

    private readonly IReadOnlyList<MathToken> _tokens;
    private int _next;
    private int _depth;

    private Arithmetic(IReadOnlyList<MathToken> tokens) => _tokens = tokens;

    /// <summary>The value, or why there is none. False when the tokens are no complete expression.</summary>
    public static bool TryEvaluate(IReadOnlyList<MathToken> tokens, out Rational value, out string? problem)
    {
        (value, problem) = (default, null);
        if (tokens.Count is 0 or > MaxTokens)
            return false;
        var parser = new Arithmetic(tokens);
        try
        {
            value = parser.Sum();
            return parser._next == tokens.Count;
        }
        catch (FormatException)
        {
            return false;
        }
        catch (DivideByZeroException)
        {
            problem = "dividing by zero has no answer";
        }
        catch (OverflowException)
        {
            problem = "that number is too large for me";
        }
        catch (ArithmeticException)
        {
            problem = "that has no real result";
        }
        return true;
    }

    private MathSymbol Peek => _next < _tokens.Count ? _tokens[_next].Symbol : MathSymbol.End;

    private Rational Sum()
    {
        if (++_depth > MaxDepth)
            throw new FormatException();
        var (left, _) = Product();
        while (Peek is MathSymbol.Plus or MathSymbol.Minus)
        {
            var minus = Take() == MathSymbol.Minus;
            var (right, percent) = Product();
            right = percent ? left * right : right;
            left = minus ? left - right : left + right;
        }
        _depth--;
        return left;
    }

    private (Rational Value, bool Percent) Product()
    {
        var (left, percent) = Signed();
        while (Peek is MathSymbol.Times or MathSymbol.Divide or MathSymbol.Percent or MathSymbol.Modulo or MathSymbol.Of)
        {
            var symbol = Take();
            var (right, _) = Signed();
            percent = false;
            left = symbol switch
            {
                MathSymbol.Divide => left / right,
                MathSymbol.Percent or MathSymbol.Modulo => left % right,
                _ => left * right,
            };
        }
        return (left, percent);
    }

    private (Rational Value, bool Percent) Signed()
    {
        if (++_depth > MaxDepth)
            throw new FormatException();
        (Rational, bool) result;
        if (Peek is MathSymbol.Minus or MathSymbol.Plus)
        {
            var minus = Take() == MathSymbol.Minus;
            var (value, percent) = Signed();
            result = (minus ? -value : value, percent);
        }
        else
        {
            result = Power();
        }
        _depth--;
        return result;
    }

    private (Rational Value, bool Percent) Power()
    {
        var value = Atom();
        while (Peek is MathSymbol.Squared or MathSymbol.Cubed)
            value = Rational.Power(value, Rational.Of(Take() == MathSymbol.Squared ? 2 : 3));
        if (Peek is MathSymbol.Power)
        {
            _next++;
            if (Peek is MathSymbol.Of)
                _next++;
            value = Rational.Power(value, Signed().Value);
        }
        if (Peek is not MathSymbol.Percent || StartsOperand(_next + 1))
            return (value, false);
        _next++;
        return (value / Rational.Of(100), true);
    }

    private Rational Atom()
    {
        switch (Peek)
        {
            case MathSymbol.Number:
                return _tokens[_next++].Value;
            case MathSymbol.Root:
                _next++;
                if (Peek is MathSymbol.Of)
                    _next++;
                return Rational.SquareRoot(Atom());
            case MathSymbol.Open:
                _next++;
                var value = Sum();
                if (Take() != MathSymbol.Close)
                    throw new FormatException();
                return value;
            default:
                throw new FormatException();
        }
    }

    private MathSymbol Take() => _next < _tokens.Count ? _tokens[_next++].Symbol : MathSymbol.End;

    private bool StartsOperand(int index) => index < _tokens.Count && _tokens[index].Symbol is MathSymbol.Number or MathSymbol.Open or MathSymbol.Root;
}
