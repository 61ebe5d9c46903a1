using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Gaia.Chat.Providers.Local;

/// <summary>Finds the expression in a sentence, in symbols or in words: "what is 12 times 7", "the sum of 1, 2 and 3".</summary>
internal static partial class MathReader
{
    private const int MaxLength = 2000;

    private static readonly FrozenDictionary<string, MathSymbol> Operators = new Dictionary<string, MathSymbol>(StringComparer.Ordinal)
    {
        ["plus"] = MathSymbol.Plus,
        ["minus"] = MathSymbol.Minus,
        ["times"] = MathSymbol.Times,
        ["x"] = MathSymbol.Times,
        ["multiplied"] = MathSymbol.Times,
        ["divided"] = MathSymbol.Divide,
        ["over"] = MathSymbol.Divide,
        ["mod"] = MathSymbol.Modulo,
        ["modulo"] = MathSymbol.Modulo,
        ["percent"] = MathSymbol.Percent,
        ["of"] = MathSymbol.Of,
        ["squared"] = MathSymbol.Squared,
        ["cubed"] = MathSymbol.Cubed,
        ["sqrt"] = MathSymbol.Root,
        ["power"] = MathSymbol.Power,
        ["mal"] = MathSymbol.Times,
        ["geteilt"] = MathSymbol.Divide,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Fillers = new[]
    {
        "what", "what's", "whats", "is", "are", "how", "much", "does", "do", "calculate", "compute", "evaluate", "solve", "work", "out", "tell", "me", "please", "the", "result", "value", "equal", "equals",
        "to", "answer", "can", "could", "you", "and", "then", "hey", "hi", "hello", "ok", "okay", "so", "now", "for", "a", "find", "give", "was", "ist", "wieviel", "wie", "viel", "sum", "make", "makes", "total", "by",
        "root", "square", "product", "add", "subtract", "multiply", "divide", "from", "with", "math", "quick", "raised", "half", "durch", "exactly", "i", "need", "know", "want", "just", "we", "get", "if", "average", "mean",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly string[] Units =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    private static readonly string[] Tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    /// <summary>The expression that a question or order consists of, apart from words like "what is"; null when there is other matter in it.</summary>
    public static IReadOnlyList<MathToken>? Find(string sentence)
    {
        if (sentence.Length > MaxLength || !(sentence.AsSpan().ContainsAnyInRange('0', '9') || Words.Of(sentence).Any(word => NumberWord(word.Key) is not null)) || DateOrPhone().IsMatch(sentence))
            return null;
        var items = Lex(sentence);
        if (items is null)
            return null;
        var tokens = Rearrange(items);
        var operands = tokens.Count(token => token.Symbol is MathSymbol.Number);
        var operators = tokens.Any(token => token.Symbol is > MathSymbol.Number and < MathSymbol.Open);
        return operands > 0 && operators ? tokens : null;
    }

    /// <summary>The expression as it was understood.</summary>
    public static string Write(IReadOnlyList<MathToken> tokens)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < tokens.Count; i++)
        {
            var symbol = tokens[i].Symbol;
            var unary = symbol is MathSymbol.Minus && (i == 0 || tokens[i - 1].Symbol is not (MathSymbol.Number or MathSymbol.Close or MathSymbol.Percent or MathSymbol.Squared or MathSymbol.Cubed));
            var attached = unary || symbol is MathSymbol.Squared or MathSymbol.Cubed or MathSymbol.Close
                || (symbol is MathSymbol.Percent && !(i + 1 < tokens.Count && tokens[i + 1].Symbol is MathSymbol.Number or MathSymbol.Open));
            var glued = i > 0 && (tokens[i - 1].Symbol is MathSymbol.Open || text[^1] == '\u0001');
            if (text.Length > 0 && text[^1] == '\u0001')
                text.Length--;
            if (i > 0 && (!attached || (unary && !glued)) && !glued && !(symbol is MathSymbol.Open && tokens[i - 1].Symbol is MathSymbol.Root))
                text.Append(' ');
            text.Append(tokens[i].Text);
            if (unary)
                text.Append('\u0001');
        }
        return text.ToString().TrimEnd('\u0001');
    }

    // Numbers, symbols and known words; null when anything else occurs, for then the sentence is not (only) arithmetic.
    private static List<(MathToken Token, string Word)>? Lex(string text)
    {
        var items = new List<(MathToken, string)>();
        for (var i = 0; i < text.Length;)
        {
            var c = text[i];
            if (char.IsWhiteSpace(c) || c is '?' or '=' or '!' or ',' or ':' or '"' or '\'' || (c == '.' && !(i + 1 < text.Length && char.IsDigit(text[i + 1]))))
            {
                i++;
            }
            else if (char.IsAsciiDigit(c) || c == '.')
            {
                var start = i;
                while (i < text.Length && (char.IsAsciiDigit(text[i]) || (text[i] is '.' or ',' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1]))))
                    i++;
                if (Number(text[start..i]) is not { } number)
                    return null;
                items.Add((number, ""));
            }
            else if (char.IsLetter(c))
            {
                var start = i;
                while (i < text.Length && (char.IsLetter(text[i]) || text[i] is '\'' or '’'))
                    i++;
                var key = Words.Fold(text[start..i]);
                if (NumberWord(key) is { } value)
                {
                    if (text.AsSpan(i).StartsWith("-") && value is >= 20 and < 100)
                        i++;
                    items.Add((new MathToken(MathSymbol.Number, Rational.Of(value), ""), "number"));
                }
                else if (key is "hundred" or "thousand" or "million")
                {
                    items.Add((new MathToken(MathSymbol.Number, Rational.Of(key switch { "hundred" => 100, "thousand" => 1000, _ => 1_000_000 }), ""), "scale"));
                }
                else if (Operators.TryGetValue(key, out var symbol))
                {
                    items.Add((Sign(symbol), key));
                }
                else if (Fillers.Contains(key))
                {
                    items.Add((default, key));
                }
                else
                {
                    return null;
                }
            }
            else if (SymbolOf(text, ref i) is var symbol && symbol != MathSymbol.End)
            {
                items.Add((Sign(symbol), ""));
            }
            else
            {
                return null;
            }
        }
        return items;
    }

    private static List<MathToken> Rearrange(List<(MathToken Token, string Word)> items)
    {
        string? order = null;
        var tokens = new List<MathToken>();
        for (var i = 0; i < items.Count; i++)
        {
            var (token, word) = items[i];
            switch (word)
            {
                case "number" or "scale":
                    tokens.Add(NumberPhrase(items, ref i));
                    continue;
                case "add" or "sum" or "total":
                    order ??= "+";
                    break;
                case "subtract":
                    order ??= "-";
                    break;
                case "multiply" or "product":
                    order ??= "*";
                    break;
                case "divide":
                    order ??= "/";
                    break;
                case "average" or "mean":
                    order ??= "avg";
                    break;
                case "root":
                    tokens.Add(Sign(MathSymbol.Root));
                    break;
                case "half":
                    tokens.AddRange([Literal(1), Sign(MathSymbol.Divide), Literal(2)]);
                    break;
            }
            if (token.Symbol is not MathSymbol.End)
                tokens.Add(token);
        }
        // "the result of", "of 12": a leading "of" joins nothing.
        while (tokens.Count > 0 && tokens[0].Symbol is MathSymbol.Of)
            tokens.RemoveAt(0);
        while (tokens.Count > 0 && tokens[^1].Symbol is MathSymbol.Of)
            tokens.RemoveAt(tokens.Count - 1);
        return order is not null && tokens.Count > 1 && tokens.TrueForAll(token => token.Symbol is MathSymbol.Number) ? Spread(tokens, order) : tokens;
    }

    private static List<MathToken> Spread(List<MathToken> numbers, string order)
    {
        if (order == "-")
            numbers.Reverse();
        var symbol = order switch { "-" => MathSymbol.Minus, "*" => MathSymbol.Times, "/" => MathSymbol.Divide, _ => MathSymbol.Plus };
        var tokens = new List<MathToken>();
        foreach (var number in numbers)
        {
            if (tokens.Count > 0)
                tokens.Add(Sign(symbol));
            tokens.Add(number);
        }
        return order == "avg" ? [Sign(MathSymbol.Open), .. tokens, Sign(MathSymbol.Close), Sign(MathSymbol.Divide), Literal(numbers.Count)] : tokens;
    }

    // "two hundred and five thousand twelve"
    private static MathToken NumberPhrase(List<(MathToken Token, string Word)> items, ref int i)
    {
        long total = 0, part = 0;
        var last = i;
        for (var j = i; j < items.Count && items[j].Word is "number" or "scale" or "and"; j++)
        {
            if (items[j].Word == "and")
            {
                if (j + 1 >= items.Count || items[j + 1].Word != "number" || items[j - 1].Word != "scale")
                    break;
                continue;
            }
            var value = (long)items[j].Token.Value.Numerator;
            if (items[j].Word == "scale")
                (total, part) = value == 100 ? (total, Math.Max(part, 1) * 100) : (total + Math.Max(part, 1) * value, 0);
            else if (j > i && items[j - 1].Word == "number" && !(part % 100 >= 20 && part % 10 == 0 && value < 10))
                break;
            else
                part += value;
            last = j;
            if (total > 1_000_000_000_000)
                break;
        }
        i = last;
        return Literal(total + part);
    }

    private static MathToken Literal(long value) => new(MathSymbol.Number, Rational.Of(value), Rational.Of(value).ToString());

    private static MathToken? Number(string digits)
    {
        var parts = digits.Split(',');
        if (parts.Length > 1)
        {
            // "1,000,000" groups; "3,5" is a decimal comma.
            var grouped = parts[0].Length is > 0 and <= 3 && parts[0] != "0" && parts.Skip(1).All(part => part.Split('.')[0].Length == 3);
            if (!grouped && (parts.Length > 2 || digits.Contains('.', StringComparison.Ordinal)))
                return null;
            digits = string.Join(grouped ? "" : ".", parts);
        }
        if (digits.AsSpan().Count('.') > 1 || digits.Length > 300)
            return null;
        return new MathToken(MathSymbol.Number, Rational.Parse(digits.StartsWith('.') ? "0" + digits : digits), digits);
    }

    private static MathSymbol SymbolOf(string text, ref int i)
    {
        var c = text[i++];
        if (c == '*' && i < text.Length && text[i] == '*')
        {
            i++;
            return MathSymbol.Power;
        }
        return c switch
        {
            '+' => MathSymbol.Plus,
            '-' or '−' or '–' => MathSymbol.Minus,
            '*' or '×' or '·' => MathSymbol.Times,
            '/' or '÷' => MathSymbol.Divide,
            '^' => MathSymbol.Power,
            '%' => MathSymbol.Percent,
            '(' => MathSymbol.Open,
            ')' => MathSymbol.Close,
            '√' => MathSymbol.Root,
            '²' => MathSymbol.Squared,
            '³' => MathSymbol.Cubed,
            _ => MathSymbol.End,
        };
    }

    private static MathToken Sign(MathSymbol symbol) => new(symbol, default, symbol switch
    {
        MathSymbol.Plus => "+",
        MathSymbol.Minus => "-",
        MathSymbol.Times => "×",
        MathSymbol.Divide => "/",
        MathSymbol.Power => "^",
        MathSymbol.Percent => "%",
        MathSymbol.Modulo => "mod",
        MathSymbol.Of => "of",
        MathSymbol.Squared => "²",
        MathSymbol.Cubed => "³",
        MathSymbol.Root => "√",
        MathSymbol.Open => "(",
        MathSymbol.Close => ")",
        MathSymbol.End or MathSymbol.Number => "",
    });

    private static int? NumberWord(string key) =>
        Array.IndexOf(Units, key) is >= 0 and var unit ? unit : Array.IndexOf(Tens, key) is > 0 and var ten ? ten * 10 : null;

    [GeneratedRegex(@"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}/\d{4}\b|\b\d{3}-\d{4}\b", RegexOptions.CultureInvariant)]
    private static partial Regex DateOrPhone();
}
