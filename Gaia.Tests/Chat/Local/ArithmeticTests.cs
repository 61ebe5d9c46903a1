namespace Gaia.Tests.Chat.Local;

public sealed class ArithmeticTests
{
    [Theory]
    [InlineData("What is 12 times 7?", "84")]
    [InlineData("2 + 2", "4")]
    [InlineData("what's (3 + 4) * -2", "-14")]
    [InlineData("Calculate 2 + 3 * 4 ^ 2", "50")]
    [InlineData("2^3^2 =", "512")]
    [InlineData("-2^2", "-4")]
    [InlineData("0.1 + 0.2", "0.3")]
    [InlineData("1 / 8", "0.125")]
    [InlineData("15% of 80", "12")]
    [InlineData("What is 15 percent of 80?", "12")]
    [InlineData("200 + 10%", "220")]
    [InlineData("17 % 5", "2")]
    [InlineData("17 mod 5", "2")]
    [InlineData("sqrt(144)", "12")]
    [InlineData("What is the square root of 2.25?", "1.5")]
    [InlineData("12 squared", "144")]
    [InlineData("How much is 1,234.5 x 2?", "2469")]
    [InlineData("could you please tell me 100 divided by 8", "12.5")]
    [InlineData("What is the sum of 1, 2 and 3.5?", "6.5")]
    [InlineData("Subtract 3 from 10", "7")]
    [InlineData("multiply 6 by 7", "42")]
    [InlineData("what is twenty-one plus two hundred and five", "226")]
    [InlineData("2 to the power of 10", "1024")]
    [InlineData("half of 90", "45")]
    [InlineData("99999999999999999999 * 99999999999999999999", "9999999999999999999800000000000000000001")]
    public void A_calculation_is_done_exactly(string question, string expected) =>
        Assert.EndsWith("= " + expected, new Conversation().Ask(question), StringComparison.Ordinal);

    [Theory]
    [InlineData("10 / 3", "3.3333333333")]
    [InlineData("sqrt(2)", "1.4142135624")]
    [InlineData("2 ^ 0.5", "1.4142135624")]
    public void A_value_without_an_end_is_said_to_be_approximate(string question, string expected) =>
        Assert.EndsWith("is about " + expected, new Conversation().Ask(question), StringComparison.Ordinal);

    [Theory]
    [InlineData("What is 5 / 0?", "dividing by zero")]
    [InlineData("7 % 0", "dividing by zero")]
    [InlineData("sqrt(-4)", "no real result")]
    [InlineData("9^999999999", "too large")]
    [InlineData("9^9^9^9", "too large")]
    [InlineData("0^-1", "dividing by zero")]
    public void What_has_no_value_is_answered_kindly(string question, string expected) =>
        Assert.Contains(expected, new Conversation().Ask(question), StringComparison.Ordinal);

    [Theory]
    [InlineData("When is 2024-05-01?")]
    [InlineData("Who has the number 555-1234?")]
    [InlineData("2 + ")]
    [InlineData("((((1 + 2)")]
    public void What_is_no_calculation_is_not_calculated(string question) =>
        Assert.DoesNotContain(" = ", new Conversation().Ask(question), StringComparison.Ordinal);

    [Fact]
    public void Deep_nesting_is_refused_rather_than_followed() =>
        Assert.DoesNotContain(" = ", new Conversation().Ask(new string('(', 900) + "1+1" + new string(')', 900)), StringComparison.Ordinal);

    [Fact]
    public void A_calculation_is_not_taken_for_a_fact() =>
        Assert.DoesNotContain("3 + 4", new Conversation().Say("3 + 4", "I keep bees.").Ask("What have I told you?"), StringComparison.Ordinal);
}
