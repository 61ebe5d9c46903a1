using System.Globalization;
using System.Numerics;

namespace Gaia.Chat.Providers.Local;

/// <summary>An exact fraction, or a double's worth of digits once a root or an odd power has made it inexact.</summary>
internal readonly record struct Rational
{
    /// <summary>Larger numerators and denominators are refused, so that no exponent can occupy the machine.</summary>
    public const int MaxBits = 2048;

    private const int MaxDecimals = 20;

    private Rational(BigInteger numerator, BigInteger denominator, bool exact)
    {
        if (denominator.IsZero)
            throw new DivideByZeroException();
        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator);
        if (denominator.Sign < 0)
            divisor = -divisor;
        (Numerator, Denominator, IsExact) = (numerator / divisor, denominator / divisor, exact);
        if (Numerator.GetBitLength() > MaxBits || Denominator.GetBitLength() > MaxBits)
            throw new OverflowException();
    }

    public BigInteger Numerator { get; }

    public BigInteger Denominator { get; }

    public bool IsExact { get; }

    public bool IsZero => Numerator.IsZero;

    public static Rational Parse(ReadOnlySpan<char> digits)
    {
        var point = digits.IndexOf('.');
        if (point < 0)
            return new Rational(BigInteger.Parse(digits, CultureInfo.InvariantCulture), 1, true);
        var all = string.Concat(digits[..point], digits[(point + 1)..]);
        return new Rational(BigInteger.Parse(all, CultureInfo.InvariantCulture), BigInteger.Pow(10, digits.Length - point - 1), true);
    }

    public static Rational Of(long value) => new(value, 1, true);

    public static Rational operator +(Rational a, Rational b) => new(a.Numerator * b.Denominator + b.Numerator * a.Denominator, a.Denominator * b.Denominator, a.IsExact && b.IsExact);

    public static Rational operator -(Rational a, Rational b) => a + -b;

    public static Rational operator -(Rational a) => new(-a.Numerator, a.Denominator, a.IsExact);

    public static Rational operator *(Rational a, Rational b) => new(a.Numerator * b.Numerator, a.Denominator * b.Denominator, a.IsExact && b.IsExact);

    public static Rational operator /(Rational a, Rational b) => new(a.Numerator * b.Denominator, a.Denominator * b.Numerator, a.IsExact && b.IsExact);

    /// <summary>The remainder with the sign of the divisor's floor, as in mathematics: -7 % 3 is 2.</summary>
    public static Rational operator %(Rational a, Rational b)
    {
        var quotient = a / b;
        var floor = BigInteger.DivRem(quotient.Numerator, quotient.Denominator, out var rest);
        return a - b * new Rational(rest.Sign < 0 ? floor - 1 : floor, 1, true);
    }

    public static Rational Power(Rational value, Rational exponent)
    {
        if (!exponent.Denominator.IsOne || !exponent.IsExact)
            return Approximate(Math.Pow(value.ToDouble(), exponent.ToDouble()));
        var bits = Math.Max(value.Numerator.GetBitLength(), value.Denominator.GetBitLength());
        if (BigInteger.Abs(exponent.Numerator) > MaxBits * 2 || (bits > 1 && BigInteger.Abs(exponent.Numerator) * (bits - 1) > MaxBits))
            throw new OverflowException();
        var power = (int)BigInteger.Abs(exponent.Numerator);
        var result = new Rational(BigInteger.Pow(value.Numerator, power), BigInteger.Pow(value.Denominator, power), value.IsExact);
        return exponent.Numerator.Sign < 0 ? Of(1) / result : result;
    }

    public static Rational SquareRoot(Rational value)
    {
        if (value.Numerator.Sign < 0)
            throw new ArithmeticException("no real square root");
        return Root(value.Numerator) is { } top && Root(value.Denominator) is { } bottom
            ? new Rational(top, bottom, value.IsExact)
            : Approximate(Math.Sqrt(value.ToDouble()));
    }

    public override string ToString()
    {
        if (Denominator.IsOne && IsExact)
            return Numerator.ToString(CultureInfo.InvariantCulture);
        if (IsExact && Terminates())
            return Decimals(MaxDecimals);
        return ToDouble() is var value && Math.Abs(value) is < 1e15 and > 1e-6 ? Trim(value.ToString("F10", CultureInfo.InvariantCulture)) : value.ToString("G10", CultureInfo.InvariantCulture);
    }

    /// <summary>Whether <see cref="ToString"/> shows the very value.</summary>
    public bool PrintsExactly => IsExact && (Denominator.IsOne || Terminates());

    private double ToDouble()
    {
        var value = Math.Exp(BigInteger.Log(BigInteger.Abs(Numerator)) - BigInteger.Log(Denominator));
        var direct = (double)Numerator / (double)Denominator;
        return Numerator.IsZero ? 0 : double.IsFinite(direct) ? direct : Numerator.Sign * value;
    }

    private static Rational Approximate(double value)
    {
        if (double.IsNaN(value))
            throw new ArithmeticException("no real result");
        if (Math.Abs(value) > 1e300)
            throw new OverflowException();
        var scale = Math.Abs(value) > 1e15 ? BigInteger.One : BigInteger.Pow(10, 15);
        var scaled = new BigInteger(value * (double)scale);
        return new Rational(scaled, scale, false);
    }

    private static BigInteger? Root(BigInteger square)
    {
        var guess = BigInteger.One << (int)((square.GetBitLength() + 1) / 2);
        while (true)
        {
            var next = square.IsZero ? BigInteger.Zero : (guess + square / guess) >> 1;
            if (next >= guess)
                return guess * guess == square ? guess : null;
            guess = next;
            if (guess.IsZero)
                return guess;
        }
    }

    private bool Terminates()
    {
        var rest = Denominator;
        var digits = 0;
        while (rest % 10 == 0 && digits++ <= MaxDecimals)
            rest /= 10;
        for (; rest.IsEven && digits <= MaxDecimals; digits++)
            rest /= 2;
        for (; rest % 5 == 0 && digits <= MaxDecimals; digits++)
            rest /= 5;
        return rest.IsOne && digits <= MaxDecimals;
    }

    private string Decimals(int places)
    {
        var scaled = BigInteger.Abs(Numerator) * BigInteger.Pow(10, places) / Denominator;
        var digits = scaled.ToString(CultureInfo.InvariantCulture).PadLeft(places + 1, '0');
        return (Numerator.Sign < 0 ? "-" : "") + Trim($"{digits[..^places]}.{digits[^places..]}");
    }

    private static string Trim(string number) => number.Contains('.', StringComparison.Ordinal) ? number.TrimEnd('0').TrimEnd('.') : number;
}
