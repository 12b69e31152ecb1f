using System.Globalization;
using LoraPS.Engine.Reports.Html;

namespace LoraPS.Engine.Tests.Reports;

public class MarkupTests
{
    [Fact]
    public void Text_in_holes_is_encoded_and_markup_is_not()
    {
        var inner = Markup.Of($"<b>{"a < b & \"c\" 'd'"}</b>");
        Assert.Equal("<i title=\"&gt;\"><b>a &lt; b &amp; &quot;c&quot; &#39;d&#39;</b></i>", Markup.Of($"<i title=\"{">"}\">{inner}</i>").ToString());
    }

    [Theory]
    [InlineData("a\u0007b")]
    [InlineData("a\u202Eb")]
    [InlineData("a\u2066b")]
    [InlineData("a\uFFFFb")]
    public void What_no_page_may_hold_is_replaced(string text) => Assert.Equal("a\uFFFDb", Markup.Of($"{text}").ToString());

    // Not as inline data: a lone surrogate does not survive in an attribute.
    [Fact]
    public void A_lone_surrogate_is_replaced_and_a_pair_is_not()
    {
        Assert.Equal("a\uFFFDb", Markup.Of($"{"a\uD800b"}").ToString());
        Assert.Equal("a\U0001F600b", Markup.Of($"{"a\U0001F600b"}").ToString());
    }

    [Fact]
    public void Numbers_are_alike_in_all_cultures()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "~" } };
            Assert.Equal("-1.5 2.50", Markup.Of($"{-1.5} {2.5:0.00}").ToString());
            Assert.Equal(["1.2e-5", "0.1235", "123.5", "12,345", "1.5 KB", "12.3 %"], [Figures.Number(1.2e-5), Figures.Number(0.12346), Figures.Number(123.456), Figures.Count(12345), Figures.Bytes(1536), Figures.Percent(0.123)]);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData(0.84, "0.8 s")]
    [InlineData(59.99, "60 s")]
    [InlineData(125, "2 min 5 s")]
    [InlineData(3720, "1 h 2 min")]
    [InlineData(90000, "25 h 0 min")]
    [InlineData(double.NaN, "")]
    public void Times_are_told_in_their_units(double seconds, string text) => Assert.Equal(text, Figures.Duration(seconds));
}
