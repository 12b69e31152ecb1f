using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Tests.Models.Clip;

public sealed class TokenizerDownloadTests : IDisposable
{
    private readonly TokenizerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_fetched_tokenizer_is_kept_and_not_fetched_again()
    {
        using var hub = FakeHub.Serving(TokenizerFolder.Vocabulary);
        for (var i = 0; i < 2; i++)
            Assert.Equal(TokenizerFolder.Tokenizer.Encode("a cat"), Fetch(hub).Encode("a cat"));
        Assert.Equal(
            ["https://hub.test/openai/clip-vit-large-patch14/resolve/main/vocab.json", "https://hub.test/openai/clip-vit-large-patch14/resolve/main/merges.txt"],
            hub.Asked);
        Assert.Equal(["kept"], FoldersLeft());
    }

    [Fact]
    public void Progress_is_told_and_only_grows()
    {
        using var hub = FakeHub.Serving(TokenizerFolder.Vocabulary);
        var events = new EventList();
        Fetch(hub, events);
        var fractions = events.OfType<ProgressEvent>().Select(e => e.Fraction).ToList();
        Assert.Equal(1, fractions[^1]);
        Assert.Equal(fractions.Order(), fractions);
        Assert.Contains(events.OfType<ProgressEvent>(), e => e.Status.StartsWith("vocab.json, ", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_is_fetched_unless_allowed()
    {
        using var hub = FakeHub.Serving(TokenizerFolder.Vocabulary);
        Assert.Throws<TokenizerNotFoundException>(() => new TokenizerSource(_folder.EmptyPlaces(), hub).Locate(null, null, allowDownload: false));
        Assert.Empty(hub.Asked);
    }

    [Fact]
    public void An_answer_that_is_no_tokenizer_is_not_kept() =>
        AssertFails(new FakeHub(_ => new StringContent("<html>Log in</html>")), "JSON");

    [Fact]
    public void A_refusal_is_told() => AssertFails(new FakeHub(_ => null), "404");

    [Fact]
    public void An_answer_that_ends_early_is_not_kept() => AssertFails(
        new FakeHub(_ =>
        {
            var content = new ByteArrayContent([(byte)'{', (byte)'}']);
            content.Headers.ContentLength = 500;
            return content;
        }), "2 of 500 bytes");

    [Fact]
    public void An_endless_answer_is_cut_off() =>
        AssertFails(new FakeHub(_ => new StreamContent(new MemoryStream(new byte[17 << 20]))), "16 MiB");

    [Fact]
    public void An_address_that_is_none_is_told()
    {
        var places = _folder.EmptyPlaces() with { Endpoint = "not an address" };
        using var hub = FakeHub.Serving(TokenizerFolder.Vocabulary);
        var error = Assert.Throws<TokenizerDownloadException>(() => new TokenizerSource(places, hub).Locate(null, null, allowDownload: true));
        Assert.Contains("HF_ENDPOINT", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_download_leaves_nothing_behind()
    {
        using var stop = new CancellationTokenSource();
        using var hub = new FakeHub(file =>
        {
            if (file == "merges.txt")
                stop.Cancel();
            return new ByteArrayContent(File.ReadAllBytes(Path.Combine(TokenizerFolder.Vocabulary, file)));
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Fetch(hub, cancellationToken: stop.Token));
        Assert.Empty(FoldersLeft());
    }

    private void AssertFails(FakeHub hub, string reason)
    {
        using (hub)
        {
            var error = Assert.Throws<TokenizerDownloadException>(() => Fetch(hub));
            Assert.Equal("TokenizerDownloadFailed", error.ErrorId);
            Assert.Contains("https://hub.test/openai/clip-vit-large-patch14", error.Message, StringComparison.Ordinal);
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }

        Assert.Empty(FoldersLeft());
    }

    private ClipTokenizer Fetch(FakeHub hub, EventList? events = null, CancellationToken cancellationToken = default) =>
        new TokenizerSource(_folder.EmptyPlaces(), hub).Locate(null, null, allowDownload: true, events, cancellationToken);

    private string[] FoldersLeft() => [.. Directory.GetFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path)!)];
}
