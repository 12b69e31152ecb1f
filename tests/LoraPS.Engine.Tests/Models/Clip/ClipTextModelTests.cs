using LoraPS.Engine.Models.Clip;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Models.Clip;

/// <summary>Outputs computed by sd-scripts 48d368fa, library/strategy_sd.py, in float32 on the CPU.</summary>
public class ClipTextModelTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData("short", null)]
    [InlineData("short", 1)]
    [InlineData("short", 2)]
    [InlineData("short", 3)]
    [InlineData("long150", null)]
    [InlineData("long150", 2)]
    [InlineData("long225", null)]
    [InlineData("long225", 2)]
    public void OpenAIs_encoder_writes_the_states_of_the_reference(string @case, int? clipSkip)
    {
        using var model = TinyModels.ClipL();
        AssertEncodes(model, $"{@case}.ids_pad_eos", $"{@case}.l.clip_skip_{Name(clipSkip)}", clipSkip);
    }

    [Theory]
    [InlineData("short", null)]
    [InlineData("short", 2)]
    [InlineData("long150", null)]
    [InlineData("long225", 2)]
    public void OpenCLIPs_encoder_writes_the_states_of_the_reference(string @case, int? clipSkip)
    {
        using var model = TinyModels.ClipH();
        AssertEncodes(model, $"{@case}.ids_pad_0", $"{@case}.h.clip_skip_{Name(clipSkip)}", clipSkip);
    }

    [Fact]
    public void One_chunk_may_be_given_without_its_dimension()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.ClipL();
        using var golden = GoldenTensors.Open("clip/clip_io.safetensors");
        golden.AssertNear("short.l.clip_skip_None", model.Encode(golden["short.ids_pad_eos"].squeeze(1)), Tolerance);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(13)]
    public void A_state_that_is_not_there_is_refused(int clipSkip)
    {
        using var model = TinyModels.ClipL();
        using var ids = zeros(1, 77, ScalarType.Int64);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Encode(ids, clipSkip));
    }

    [Fact]
    public void Encoding_leaves_nothing_behind()
    {
        using var model = TinyModels.ClipL();
        using var ids = zeros(2, 3, 77, ScalarType.Int64);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        model.Encode(ids, 2).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static string Name(int? clipSkip) => clipSkip?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "None";

    private static void AssertEncodes(ClipTextModel model, string ids, string states, int? clipSkip)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenTensors.Open("clip/clip_io.safetensors");
        golden.AssertNear(states, model.Encode(golden[ids], clipSkip), Tolerance);
    }
}
