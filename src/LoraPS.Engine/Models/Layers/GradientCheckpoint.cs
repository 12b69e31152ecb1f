using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Layers;

/// <summary>Runs a part of a network without keeping what lies between its inputs and its output; the way back computes it again.</summary>
/// <remarks>
/// Chen et al., "Training deep nets with sublinear memory cost", 2016; as the reentrant torch.utils.checkpoint. The part must
/// compute the same when it is called again: here everything random follows from the step and the module. Tensors that the part
/// reads besides its inputs, such as the factors of a LoRA, get their gradients too.
/// </remarks>
internal sealed class GradientCheckpoint : autograd.SingleTensorFunction<GradientCheckpoint>
{
    private const string PartKey = "part";
    private const string GradientsKey = "gradients";

    /// <inheritdoc/>
    public override string Name => nameof(GradientCheckpoint);

    /// <summary>Calls a part of a network.</summary>
    /// <param name="isUsed">False, or no gradients to be computed: the part is called as it is.</param>
    /// <param name="part">The part.</param>
    /// <param name="inputs">Its inputs; at least one.</param>
    /// <returns>What the part returns.</returns>
    public static Tensor Call(bool isUsed, Func<IReadOnlyList<Tensor>, Tensor> part, params Tensor[] inputs)
    {
        if (!isUsed || !is_grad_enabled())
            return part(inputs);
        // Autograd calls back only where an input needs gradients, and the first input of a frozen network does not.
        if (!Array.Exists(inputs, input => input.requires_grad))
            inputs = [inputs[0].detach().requires_grad_(), .. inputs[1..]];
        return apply([part, .. inputs]);
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (part, inputs) = ((Func<IReadOnlyList<Tensor>, Tensor>)vars[0], vars.Skip(1).Cast<Tensor>().ToList());
        ctx.save_data(PartKey, part);
        ctx.save_for_backward(inputs);
        return part(inputs);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var gradients = enable_grad();
        using var scope = NewDisposeScope();
        using var upstream = grad_output;
        var part = (Func<IReadOnlyList<Tensor>, Tensor>)ctx.get_data(PartKey);
        var inputs = ctx.get_saved_variables().Select(saved => saved.detach().requires_grad_(saved.requires_grad)).ToList();
        autograd.backward(part(inputs), upstream);
        List<Tensor> results = [null!, .. inputs.Select(input => input.grad?.MoveToOuterDisposeScope()!)];
        // On a thread of libtorch's own there is no outer scope; the context keeps them until libtorch has taken them.
        ctx.save_data(GradientsKey, results);
        return results;
    }
}
