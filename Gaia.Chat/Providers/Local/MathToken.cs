namespace Gaia.Chat.Providers.Local;

internal enum MathSymbol
{
    End,
    Number,
    Plus,
    Minus,
    Times,
    Divide,
    Power,
    Percent,
    Modulo,
    Of,
    Squared,
    Cubed,
    Root,
    Open,
    Close,
}

internal readonly record struct MathToken(MathSymbol Symbol, Rational Value, string Text);
