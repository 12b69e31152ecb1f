using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests;

public sealed class NewLoraImageTests(TrainedLora lora) : IClassFixture<TrainedLora>, IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    private static string Script => $"New-LoraImage 'a zorb' -Model '{TestFiles.TinyModel}' -Width 64 -Height 64 -Steps 2 -Seed 3";

    [Fact]
    public void It_writes_pictures_and_tells_of_each()
    {
        var result = _session.Run($"{Script} -DestinationPath pictures -Count 2 -NegativePrompt grey -Sampler 'euler a'", _folder);

        result.AssertNoErrors();
        Assert.Equal([3L, 4L], result.Output.Select(image => SessionResult.Value(image, "Seed")));
        Assert.Equal("Euler a", SessionResult.Value(result.Output[0], "Sampler"));
        Assert.All(result.Output, image => Assert.True(File.Exists((string)SessionResult.Value(image, "Path")!)));
    }

    [Fact]
    public void LoRAs_with_ratios_and_block_weights_change_the_picture()
    {
        _session.Run($"""
            {Script} -DestinationPath plain.png
            {Script} -DestinationPath none.png -Lora '{lora.Path}' -Ratio 0
            {Script} -DestinationPath with.png -Lora '{lora.Path}'
            {Script} -DestinationPath blocks.png -Lora (Set-LoraBlockWeight '{lora.Path}' -Preset OUTD)
            """, _folder).AssertNoErrors();

        Assert.Equal(Pixels("plain.png"), Pixels("none.png"));
        Assert.NotEqual(Pixels("plain.png"), Pixels("with.png"));
        Assert.NotEqual(Pixels("with.png"), Pixels("blocks.png"));
    }

    [Fact]
    public void Prompts_come_through_the_pipeline_with_their_seeds()
    {
        var result = _session.Run($$"""
            [pscustomobject]@{ Prompt = 'a zorb'; Seed = 1 }, [pscustomobject]@{ Prompt = 'a car'; Seed = 2 } |
                New-LoraImage -Model '{{TestFiles.TinyModel}}' -Width 64 -Height 64 -Steps 1 -DestinationPath .
            """, _folder);

        result.AssertNoErrors();
        Assert.Equal(["a zorb", "a car"], result.Output.Select(image => SessionResult.Value(image, "Prompt")));
        Assert.Equal(["1.png", "2.png"], _folder.Entries.Order());
    }

    [Fact]
    public void WhatIf_writes_nothing()
    {
        var result = _session.Run($"{Script} -DestinationPath pictures -WhatIf", _folder);

        result.AssertNoErrors();
        Assert.Empty(result.Output);
        Assert.Empty(_folder.Entries);
    }

    [Fact]
    public void A_picture_that_exists_is_only_replaced_by_force()
    {
        File.WriteAllText(_folder.File("a.png"), "mine");

        Assert.StartsWith("DestinationExists", _session.Run($"{Script} -DestinationPath a.png", _folder).Terminating?.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_folder.File("a.png")));
        _session.Run($"{Script} -DestinationPath a.png -Force", _folder).AssertNoErrors();
        Assert.NotEqual("mine", File.ReadAllText(_folder.File("a.png")));
    }

    [Theory]
    [InlineData("-Sampler Heun", "DPM++ 2M Karras")]
    [InlineData("-Width 60", "multiples of 64")]
    [InlineData("-Ratio 1, 2", "Give one for all")]
    public void Settings_that_cannot_be_are_refused_with_what_can(string setting, string told)
    {
        var error = _session.Run($"{Script.Replace("-Width 64 ", setting.Contains("Width") ? "" : "-Width 64 ", StringComparison.Ordinal)} -DestinationPath pictures {setting}", _folder).Terminating;

        Assert.Equal(ErrorCategory.InvalidArgument, error?.CategoryInfo.Category);
        Assert.Contains(told, error!.Exception.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    // The pixels only: the text in the file names the LoRAs.
    private byte[] Pixels(string name)
    {
        var png = File.ReadAllBytes(_folder.File(name));
        return png[png.AsSpan().IndexOf("IDAT"u8)..];
    }
}
