using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>The rows of a weight that one module is: all of them, or a share where a file keeps several modules in one tensor.</summary>
/// <param name="Module">Its name in sd-scripts form.</param>
/// <param name="Share">Which share, from 0.</param>
/// <param name="Shares">How many shares of equal size the tensor has.</param>
internal readonly record struct ModuleRows(string Module, int Share = 0, int Shares = 1)
{
    /// <summary>The module's shape.</summary>
    /// <param name="tensor">The tensor's.</param>
    public IReadOnlyList<long> ShapeIn(IReadOnlyList<long> tensor) => [tensor[0] / Shares, .. tensor.Skip(1)];

    /// <summary>The module's rows.</summary>
    /// <param name="tensor">[rows of all, …].</param>
    public Tensor Of(Tensor tensor) => Shares == 1 ? tensor : tensor.narrow(0, Share * (tensor.shape[0] / Shares), tensor.shape[0] / Shares);

    /// <summary>The factor of the whole tensor that changes only the module's rows.</summary>
    /// <param name="up">[rows of the module, rank].</param>
    public Tensor Whole(Tensor up) => Shares == 1 ? up : nn.functional.pad(up, [0, 0, Share * up.shape[0], (Shares - 1 - Share) * up.shape[0]]);
}
