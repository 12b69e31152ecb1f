using System.Text.Json;
using LoraPS.Engine.Models.Clip;

namespace LoraPS.Engine.Tests.Models.Clip;

public class TokenChunksTests
{
    private const int BeginId = 98;
    private const int EndId = 99;

    private static readonly JsonElement Golden = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("tokenizer/chunks.json"))).RootElement;

    public static TheoryData<int, bool> GoldenRows
    {
        get
        {
            var data = new TheoryData<int, bool>();
            for (var i = 0; i < Golden.GetProperty("cases").GetArrayLength(); i++)
            {
                data.Add(i, true);
                data.Add(i, false);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(GoldenRows))]
    public void Rows_equal_those_of_sd_scripts(int index, bool padWithEnd)
    {
        var item = Golden.GetProperty("cases")[index];
        var (begin, end) = (Golden.GetProperty("beginId").GetInt32(), Golden.GetProperty("endId").GetInt32());
        var chunks = TokenChunks.Split(
            item.GetProperty("ids").Deserialize<int[]>()!, item.GetProperty("maxTokens").GetInt32(), begin, end, padWithEnd ? end : 0);
        Assert.Equal(item.GetProperty(padWithEnd ? "paddedByEnd" : "paddedBy0").Deserialize<long[][]>(), chunks.Ids);
    }

    [Theory]
    [InlineData(75, 75, 0)]
    [InlineData(76, 75, 1)]
    [InlineData(400, 225, 175)]
    public void What_does_not_fit_is_counted(int count, int maxTokens, int dropped)
    {
        var chunks = Split(Enumerable.Repeat(5, count), maxTokens);
        Assert.Equal(dropped, chunks.DroppedTokens);
        Assert.All(chunks.Ids, row => Assert.Equal([BeginId, .. Enumerable.Repeat(5L, 75), EndId], row));
    }

    [Fact]
    public void Rows_hold_the_text_in_order()
    {
        var ids = Enumerable.Range(1, 90).ToArray();
        var chunks = Split(ids, 150, padId: 0);
        Assert.Equal(ids[..75].Select(id => (long)id), chunks.Ids[0][1..76]);
        Assert.Equal(ids[75..].Select(id => (long)id).Append(EndId), chunks.Ids[1][1..17]);
    }

    [Fact]
    public void A_row_behind_a_text_that_fills_the_first_has_an_end_token()
    {
        var rows = Split(Enumerable.Repeat(5, 75), 150, padId: 0).Ids;
        Assert.Equal(EndId, rows[0][^1]);
        Assert.Equal([BeginId, EndId, 0, 0], rows[1][..4]);
    }

    [Fact]
    public void A_single_row_keeps_a_token_that_equals_the_padding() =>
        Assert.Equal([BeginId, 0, 5, EndId, 0], Split([0, 5], 75, padId: 0).Ids[0][..5]);

    [Theory]
    [InlineData(0)]
    [InlineData(-75)]
    [InlineData(77)]
    public void Only_whole_rows_can_be_asked_for(int maxTokens) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Split([1], maxTokens));

    private static TokenChunks Split(IEnumerable<int> ids, int maxTokens, int padId = EndId) =>
        TokenChunks.Split([.. ids], maxTokens, BeginId, EndId, padId);
}
